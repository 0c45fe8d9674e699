// Loaded before a program that knows nothing of benches, by `--import`.
import { leaveOutcome } from './leave-outcome.ts';

const { BENCH_USAGE: file } = process.env;
if (file !== undefined) leaveOutcome(file);
