import type { Figure, Values } from '../bench.ts';
import type { WorkedOff } from './work-off.ts';

export const RATE = 'processed from a full log';
export const COMMITS = 'commits';
export const WAL = 'WAL';
const CPU = 'CPU of the consumer, start included';
const ALLOCATED = 'allocated by the consumer';
const ROUND_TRIPS = 'round trips to PostgreSQL';

/** What is measured of each side that works a backlog off, with the targets that are given by name. */
export function backlogFigures(targets: Record<string, Pick<Figure, 'target' | 'of'>>): Figure[] {
  const figures: Figure[] = [
    { name: RATE, unit: 'records/s' },
    { name: COMMITS, unit: 'per record' },
    { name: WAL, unit: 'bytes per record' },
    { name: ROUND_TRIPS, unit: 'per record' },
    { name: CPU, unit: 'µs per record' },
    { name: ALLOCATED, unit: 'bytes per record' },
  ];
  return figures.map((figure) => ({ ...figure, ...targets[figure.name] }));
}

export function backlogValues(worked: WorkedOff): Values {
  return {
    [RATE]: worked.perSecond,
    [COMMITS]: worked.commits,
    [WAL]: worked.walBytes,
    [ROUND_TRIPS]: worked.roundTrips,
    [CPU]: worked.cpuMicroseconds,
    [ALLOCATED]: worked.allocatedBytes,
  };
}
