import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** On what a run was made: without it an absolute number says nothing. */
export interface Machine {
  platform: string;
  cpu: string;
  cores: number;
  memoryGib: number;
  node: string;
  /** Mean number of running processes in the last minute, before the run. */
  load: number;
}

export function describeMachine(): Machine {
  return {
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    load: readLoad(),
  };
}

/** Mean number of running processes in the last minute. */
export function readLoad(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}
