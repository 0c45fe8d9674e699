import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { run, type Ran } from './run.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
export const CHART = join(root, 'infra/helm/hookline');
export const EXAMPLES = join(root, 'infra/helm/examples');

/** An object of Kubernetes, as it would be sent. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: unknown;
  data?: Record<string, string>;
}

export type Rendered = { success: true; manifests: Manifest[] } | { success: false; reason: string };

/** The chart as Helm makes it with these values (whole files, or values as JSON), in a release `hookline`. */
export async function render(helm: string, ...values: (string | object)[]): Promise<Rendered> {
  const { ok, stdout, stderr } = await withValues(values, (files) =>
    run(helm, ['template', 'hookline', CHART, '--namespace', 'webhooks', '--is-upgrade', ...files]),
  );
  return ok ? { success: true, manifests: manifestsOf(stdout) } : { success: false, reason: stderr };
}

export function lint(helm: string, ...values: (string | object)[]): Promise<Ran> {
  return withValues(values, (files) => run(helm, ['lint', '--strict', CHART, ...files]));
}

/** All objects of a stream of YAML. Throws where it is none. */
export function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text, { merge: true }).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return (document.toJS() as Manifest | null) ?? [];
  });
}

async function withValues(values: readonly (string | object)[], act: (files: string[]) => Promise<Ran>): Promise<Ran> {
  const directory = await mkdtemp(join(tmpdir(), 'hookline-values-'));
  try {
    const files = values.map(async (value, index) => {
      if (typeof value === 'string') return ['--values', value];
      const file = join(directory, `${index}.json`);
      await writeFile(file, JSON.stringify(value));
      return ['--values', file];
    });
    return await act((await Promise.all(files)).flat());
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
