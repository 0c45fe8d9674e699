import type { ControlTarget } from '@hookline/contracts';
import type { Fence, Queryable } from '@hookline/database';
import type { Applied, ApplySettings, TargetOf } from './applied.ts';
import { discard, redrive } from './dead-orders.ts';
import { decideEffects } from './effect-orders.ts';
import { decideHeld } from './held-orders.ts';
import { hold, release, retry, skip } from './lane-orders.ts';

/**
 * Does what operators have decided, under the fence, if everything is still as it was decided on; else nothing. A run of
 * something goes into the lane of its key, which opens for it: there it is in order with what is behind it.
 *
 * Every state is looked at in this transaction, so that a command which comes a second time under another id finds the
 * state of the first.
 *
 * @param targets one, or such as go together (`batchOrders`)
 * @returns what became of each, up to the first that has no room
 */
export async function applyOrders(
  tx: Queryable,
  fence: Fence,
  targets: readonly ControlTarget[],
  settings: ApplySettings,
): Promise<Applied[]> {
  const [target] = targets;
  switch (target?.command) {
    case undefined:
      return [];
    case 'redrive':
      return redrive(tx, fence, targets.filter(isRedrive), settings);
    case 'redrive-effect':
    case 'discard-effect':
      return decideEffects(tx, fence, target.command, targets.filter(isOfEffect));
    case 'hold':
      return [await hold(tx, fence, target)];
    case 'release':
      return [await release(tx, fence, target)];
    case 'retry':
      return [await retry(tx, fence, target)];
    case 'skip':
      return [await skip(tx, fence, target, settings)];
    case 'discard':
      return [await discard(tx, fence, target)];
    case 'release-replay':
    case 'discard-replay':
      return [await decideHeld(tx, fence, target, settings)];
  }
}

function isRedrive(target: ControlTarget): target is TargetOf<'redrive' | 'discard'> {
  return target.command === 'redrive';
}

function isOfEffect(target: ControlTarget): target is TargetOf<'redrive-effect' | 'discard-effect'> {
  return 'effectId' in target;
}
