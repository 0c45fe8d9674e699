// Loaded before a program that knows nothing of benches, by `--import`: writes into a file, when it ends, for how long its
// event loop has stood still at most, since SIGUSR2 or its start.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const { BENCH_STALLS: file } = process.env;
const RESOLUTION_MS = 1;

if (file !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  process.on('SIGUSR2', () => delays.reset());
  process.on('exit', () => writeFileSync(file, JSON.stringify({ longestMs: delays.max / 1e6 })));
}
