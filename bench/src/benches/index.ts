import type { Bench } from '../bench.ts';
import { laneDrain } from './lane-drain.ts';
import { poison } from './poison.ts';

/** Every bench, in the order in which all of them run. */
export const BENCHES: readonly Bench[] = [poison, laneDrain];
