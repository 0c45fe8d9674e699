import type { LaneDelivery } from '@hookline/database';
import type { HandlerFailure } from '../slice/run-handlers.ts';
import type { Suspicion } from './decide-take.ts';

/** How a run of a lane ended, each with what follows. */
export type HeadRun =
  /** Its records have left the lane. */
  | { end: 'processed'; records: LaneDelivery[]; closed: boolean }
  /** As before, but handlers of it are dead. */
  | { end: 'dead-lettered'; records: LaneDelivery[]; closed: boolean; held: boolean; dead: string[] }
  /** One of several failed; nothing is counted, and the next run takes fewer. */
  | { end: 'isolated'; suspicion: Suspicion }
  /** The head failed alone, or was put off; it is due again. */
  | { end: 'retried' | 'deferred'; record: LaneDelivery; failure: HandlerFailure; attempts: number; dueInMs: number }
  | { end: 'gave-way' }
  | { end: 'empty' }
  | { end: 'fenced'; epoch: bigint | null };
