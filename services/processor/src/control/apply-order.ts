import type { ControlOrder } from '@hookline/contracts';
import type { Fence, Queryable } from '@hookline/database';
import type { Applied, ApplySettings } from './applied.ts';
import { discard, redrive } from './dead-orders.ts';
import { decideHeld } from './held-orders.ts';
import { hold, release, retry, skip } from './lane-orders.ts';

/**
 * Does what an operator has decided, under the fence, if everything is still as it was decided on; else nothing. A run of
 * something goes into the lane of its key, which opens for it: there it is in order with what is behind it.
 *
 * Every state is looked at in this transaction, so that a command which comes a second time under another id finds the
 * state of the first.
 */
export function applyOrder(
  tx: Queryable,
  fence: Fence,
  { target }: ControlOrder,
  settings: ApplySettings,
): Promise<Applied> {
  switch (target.command) {
    case 'hold':
      return hold(tx, fence, target);
    case 'release':
      return release(tx, fence, target);
    case 'retry':
      return retry(tx, fence, target);
    case 'skip':
      return skip(tx, fence, target, settings);
    case 'redrive':
      return redrive(tx, fence, target, settings);
    case 'discard':
      return discard(tx, fence, target);
    case 'release-replay':
    case 'discard-replay':
      return decideHeld(tx, fence, target, settings);
  }
}
