// `npm run check`: everything that can be said about the source without running it. `--write` formats it instead.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runTool } from './tools.ts';
import type { Tool } from './tools.ts';

interface Step {
  name: string;
  /** What a failure means, said under its output. */
  advice: string;
  tool: Tool;
}

// The longest first, so that it does not begin when the others are done.
const steps: Step[] = [
  {
    name: 'types',
    advice: 'tsc -b: the compiler found errors.',
    tool: { path: 'typescript/bin/tsc', args: ['-b'] },
  },
  {
    name: 'lint',
    advice: 'oxlint: see .oxlintrc.json for the rules.',
    tool: {
      path: 'oxlint/bin/oxlint',
      args: ['--type-aware', '--deny-warnings', '--report-unused-disable-directives'],
    },
  },
  {
    name: 'unused',
    advice: 'knip: files, exports or dependencies that nothing uses. Delete them, or use them.',
    tool: { path: 'knip/bin/knip.js', args: ['--no-progress', '--treat-config-hints-as-errors'] },
  },
  {
    name: 'imports',
    advice: 'dependency-cruiser: see .dependency-cruiser.mjs for who may import whom, and why.',
    tool: {
      path: 'dependency-cruiser/bin/dependency-cruiser.mjs',
      args: '--config .dependency-cruiser.mjs --output-type err-long packages services examples tests bench scripts'.split(
        ' ',
      ),
    },
  },
  {
    name: 'format',
    advice: 'oxfmt: `npm run format` puts it right.',
    tool: { path: 'oxfmt/bin/oxfmt', args: ['--check', '.'] },
  },
];

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
if (values.write) {
  const { ok, output } = await runTool({ path: 'oxfmt/bin/oxfmt', args: ['--write', '.'] });
  console.log(output.trim());
  process.exitCode = ok ? 0 : 1;
} else {
  process.exitCode = (await check()) ? 0 : 1;
}

async function check(): Promise<boolean> {
  const began = performance.now();
  const waiting = steps.values();
  const failed: string[] = [];
  const worker = async (): Promise<void> => {
    for (const { name, advice, tool } of waiting) {
      const stepBegan = performance.now();
      // Each worker takes the next step when it has finished one; all at once would be no faster on two cores.
      const { ok, output } = await runTool(tool);
      console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(8)} ${seconds(stepBegan)}`);
      if (ok) continue;
      failed.push(name);
      console.log(`\n${output.trim()}\n\n${advice}\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), steps.length) }, worker));
  const total = seconds(began);
  console.log(failed.length === 0 ? `All checks passed in ${total}.` : `Failed in ${total}: ${failed.join(', ')}.`);
  return failed.length === 0;
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1).padStart(4)} s`;
}
