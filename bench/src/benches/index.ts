import type { Bench } from '../bench.ts';
import { bigBodies } from './big-bodies.ts';
import { databaseAlone } from './database-alone.ts';
import { doors } from './door.ts';
import { duplicates } from './duplicates.ts';
import { endToEnd } from './end-to-end.ts';
import { guarantees } from './guarantees.ts';
import { hotRepository } from './hot-repository.ts';
import { identities } from './identities.ts';
import { laneDrain } from './lane-drain.ts';
import { latency } from './latency.ts';
import { naiveBenches } from './naive.ts';
import { overload } from './overload.ts';
import { partitions } from './partitions.ts';
import { poison } from './poison.ts';
import { queues } from './queue.ts';
import { relays } from './relay.ts';
import { repositories } from './repositories.ts';
import { tracing } from './tracing.ts';

/** Every bench, in the order in which all of them run. */
export const BENCHES: readonly Bench[] = [
  ...doors,
  ...queues,
  databaseAlone,
  ...naiveBenches,
  guarantees,
  duplicates,
  repositories,
  partitions,
  hotRepository,
  identities,
  latency,
  endToEnd,
  overload,
  bigBodies,
  ...relays,
  poison,
  laneDrain,
  tracing,
];
