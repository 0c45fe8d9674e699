import { createCheckManifest, type CheckManifest } from './check-manifest.ts';
import { render, type Manifest } from './render.ts';
import { findHelm, findSchemas } from './tools.ts';

export interface Chart {
  helm: string;
  /** What Helm makes of these values, and Kubernetes would take; throws where Helm refuses them. */
  render(...values: (string | object)[]): Promise<Manifest[]>;
  /** Why Helm refuses these values; throws where it does not. */
  refusal(...values: (string | object)[]): Promise<string>;
}

const helm = await findHelm();
const schemas = await findSchemas();

const problem = [helm, schemas].flatMap((found) => (found.success ? [] : [found.reason])).join('; ');
// A machine without them tests what it can; CI must not pass without having looked.
if (problem !== '' && process.env['CI']) throw new Error(problem);
if (problem !== '') process.stderr.write(`Tests of the chart are skipped: ${problem}\n`);

/** Whether the real Helm and Kubernetes' own schemas are here, by which the chart is tested. */
export const HAS_HELM: boolean = problem === '';

export const chart: Chart = chartBy(helm.success ? helm.path : 'none', schemas.success ? schemas.path : 'none');

function chartBy(program: string, definitions: string): Chart {
  let checking: Promise<CheckManifest> | undefined;
  return {
    helm: program,
    async render(...values) {
      const rendered = await render(program, ...values);
      if (!rendered.success) throw new Error(rendered.reason);
      checking ??= createCheckManifest(definitions);
      const check = await checking;
      // Whatever a test is about, what it looks at would be taken by Kubernetes.
      const problems = rendered.manifests.flatMap((manifest) => check(manifest) ?? []);
      if (problems.length > 0) throw new Error(problems.join('\n'));
      return rendered.manifests;
    },
    async refusal(...values) {
      const rendered = await render(program, ...values);
      if (rendered.success) throw new Error('Helm takes these values.');
      return rendered.reason;
    },
  };
}
