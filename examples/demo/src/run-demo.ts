import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createLogger } from '@hookline/runtime';
import type { DemoOptions } from './arguments.ts';
import { type Claim, claimDirectory } from './claim-directory.ts';
import { EXIT } from './exit-codes.ts';
import { removeLocalFile, writeLocalFile, type LocalFile } from './local-file.ts';
import { openDatabase } from './observe/open-database.ts';
import { createProgress, type Progress } from './progress/progress.ts';
import { renderJson, renderText } from './report/render.ts';
import type { Report } from './report/row.ts';
import { runTraffic } from './run-traffic.ts';
import { startSystem } from './start-system.ts';
import { removeState, stateDirectory, type StateDirectory } from './state-directory.ts';
import { Stopped } from './stop-on-signals.ts';
import { tryNext } from './try-next.ts';

/** The whole of `npm start`; resolves to its exit code when everything that it started has stopped. */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<number> {
  const state = stateDirectory(resolve(options.stateDirectory));
  const progress = createProgress(process.stderr);
  const resources = new AsyncDisposableStack();
  try {
    return await runAndDispose(resources, async () => {
      const claim = await claimDirectory(state);
      if (!claim.success) return refuse(state, claim);
      resources.defer(claim.release);
      signal.addEventListener('abort', () => progress.say('Stopping everything. A second Ctrl-C ends it at once.'));
      return run(options, state, progress, resources, signal);
    });
  } catch (error) {
    progress.failed(error);
    return error instanceof Stopped ? error.exitCode : EXIT.failed;
  }
}

function refuse({ path }: StateDirectory, { pid, ingestUrl }: Extract<Claim, { success: false }>): number {
  const where = ingestUrl === undefined ? '' : `, and takes webhooks at ${ingestUrl}`;
  process.stderr.write(
    `Hookline is running already in ${path} (process ${pid}${where}). Stop it with Ctrl-C or \`kill ${pid}\`, or give ` +
      'this one another --state-directory.\n',
  );
  return EXIT.usage;
}

/** `await using`, spelled out: the tool that checks imports cannot parse it yet. */
async function runAndDispose<T>(resources: AsyncDisposableStack, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await resources.disposeAsync();
  }
}

async function run(
  options: DemoOptions,
  state: StateDirectory,
  progress: Progress,
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<number> {
  const startedAt = performance.now();
  const logger = createLogger({ service: 'hookline-demo', level: 'silent' });
  if (options.fresh) await progress.step('remove what earlier runs have stored', () => removeState(state));
  const system = await startSystem({ provider: options.provider, state, progress, logger, signal, resources });
  const { local } = system;
  await writeLocalFile(state.localFile, local);
  resources.defer(() => removeLocalFile(state.localFile));
  const database = openDatabase(local.databaseUrl);
  resources.defer(() => database.close());

  const report = await runTraffic({ system, database, large: options.large, progress, logger, signal });
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  show(options, report, { provider: local.provider, seconds });
  if (!options.once) await stayUp(options, local, state, signal);
  return report.ok ? EXIT.ok : EXIT.failed;
}

function show({ json }: DemoOptions, report: Report, facts: { provider: string; seconds: number }): void {
  if (json) process.stdout.write(`${renderJson(report, facts)}\n`);
  else process.stdout.write(`\n${renderText(report)}\n\nProvider: ${facts.provider}. Time: ${facts.seconds} s.\n`);
}

async function stayUp({ json }: DemoOptions, local: LocalFile, state: StateDirectory, signal: AbortSignal) {
  // With --json stdout has the one line, and nothing else.
  const output = json ? process.stderr : process.stdout;
  output.write(`\n${tryNext(local, state.localFile, randomUUID())}\n\n`);
  const alive = setInterval(() => {}, 60_000);
  if (!signal.aborted) await once(signal, 'abort');
  clearInterval(alive);
}
