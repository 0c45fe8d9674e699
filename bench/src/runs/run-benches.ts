import type { BenchOptions } from '../arguments.ts';
import type { BenchContext } from '../bench.ts';
import type { Machine } from '../report/machine.ts';
import { readVersions } from '../report/read-versions.ts';
import { renderMarkdown } from '../report/render-markdown.ts';
import { renderJson, renderText, type BenchReport } from '../report/render.ts';
import type { BenchSummary } from '../report/summarise.ts';
import { runBench } from './run-bench.ts';
import { openRunStore } from './run-store.ts';

type Options = Pick<BenchOptions, 'benches' | 'pairs' | 'scale' | 'together' | 'profiles' | 'resume'>;

export type BenchesResult = { success: true; report: BenchReport } | { success: false; problem: string };

/** Runs them one after another; none where the directory of `resume` has runs that were made otherwise. */
export async function runBenches(
  { benches, pairs, scale, together, profiles, resume }: Options,
  { machine, stack, say }: Pick<BenchContext, 'stack' | 'say'> & { machine: Machine },
): Promise<BenchesResult> {
  const versions = await readVersions(stack);
  const { load: _, ...same } = machine;
  const setup = { scale, together, profiled: profiles !== null, machine: same, versions };
  const opened = resume === null ? null : await openRunStore(resume, setup);
  if (opened?.success === false) return opened;
  const store = opened?.store ?? null;
  const summaries: BenchSummary[] = [];
  for (const bench of benches) {
    const context = { stack, scale, from: 'dist', profiles, say } as const;
    summaries.push(await runBench(bench, { pairs, together, store }, context));
  }
  return { success: true, report: { machine, versions, scale, benches: summaries } };
}

export function render(report: BenchReport, format: BenchOptions['format']): string {
  if (format === 'json') return `${renderJson(report)}\n`;
  return format === 'markdown' ? renderMarkdown(report) : `\n${renderText(report)}\n`;
}
