import {
  discardEffects,
  readDeadEffects,
  redriveEffects,
  type EffectState,
  type Fence,
  type Queryable,
} from '@hookline/database';
import { applied, refused, type Applied, type TargetOf } from './applied.ts';

type EffectTarget = TargetOf<'redrive-effect' | 'discard-effect'>;

/**
 * Dead effects are sent after all, behind what waits by now, or are settled without being sent. What became of each, in
 * their order.
 *
 * @param targets each of another effect
 */
export async function decideEffects(
  tx: Queryable,
  fence: Fence,
  command: EffectTarget['command'],
  targets: readonly EffectTarget[],
): Promise<Applied[]> {
  const states = await readDeadEffects(
    tx,
    fence,
    targets.map(({ effectId }) => effectId),
  );
  const found = targets.map((target) => {
    const state = states.get(target.effectId) ?? null;
    return { target, state, problem: effectProblem(state, target) };
  });
  const ids = found.flatMap(({ target, problem }) => (problem === null ? [target.effectId] : []));
  const isRedrive = command === 'redrive-effect';
  await (isRedrive ? redriveEffects(tx, fence, ids) : discardEffects(tx, fence, ids));
  return found.map(({ target: { effectId }, state, problem }) => {
    if (problem !== null || state === null) return refused(problem ?? '');
    const { about, handler } = state;
    const detail = isRedrive ? 'It waits to be sent.' : 'It is discarded.';
    return applied(detail, [{ decision: isRedrive ? 'redriven' : 'discarded', about, handler, effectId }]);
  });
}

/** Why it is not as it was decided on; null: it is. Pure. */
function effectProblem(effect: EffectState | null, { orderingKey, state, generation }: EffectTarget): string | null {
  if (!effect || effect.about.orderingKey !== orderingKey) return 'It is not in the outbox: it was sent, or discarded.';
  if (effect.state !== state) return `It is ${effect.state}, and was ${state} when it was decided.`;
  if (effect.totalAttempts !== generation) {
    return `It has had ${effect.totalAttempts} attempts, and had ${generation} when it was decided.`;
  }
  return null;
}
