import { isOpen, placeOf, type Facts } from './facts.ts';
import { effectsDue, type Outcome } from './outcomes.ts';
import { violation, type Violation } from './violation.ts';

/**
 * I2: each (delivery, handler) has written once, or is waiting, dead or discarded and has written nothing; a dead one that
 * has run again, whoever has asked for it and however often, has written once.
 */
export function onceEach({ effects, claims, log }: Facts, outcomes: readonly Outcome[]): Violation[] {
  const written = Map.groupBy(effects, (effect) => `${placeOf(effect)} ${effect.handler}`);
  const handlers = new Set([...effects.map(({ handler }) => handler), ...outcomes.flatMap((it) => it.handlers)]);
  const missing: string[] = [];
  const doubled: string[] = [];
  for (const outcome of outcomes) {
    for (const handler of handlers) {
      const due = effectsDue(outcome, handler);
      const found = written.get(`${outcome.place} ${handler}`)?.length ?? 0;
      const what = `${outcome.place} ${outcome.record.delivery?.guid} ${handler}: ${found} instead of ${due}`;
      if (found < due) missing.push(what);
      if (found > due) doubled.push(what);
    }
  }
  const places = new Set(log.map(placeOf));
  const nowhere = effects.filter((effect) => !places.has(placeOf(effect)));
  return [
    ...violation('I2', 'effects are missing', missing),
    ...violation('I2', 'effects are there more often than they may be', doubled),
    ...violation('I2', 'effects of what is not in the log', nowhere.map(placeOf)),
    ...claimedOnce(claims, outcomes),
    ...violation(
      'I2',
      'dead letters in another state than their runs and decisions have left',
      outcomes.flatMap(wrongLetters),
    ),
  ];
}

/** What is dead stays known, however long ago it was, until all of it is decided; when it was, it may go at the next run. */
function claimsDue({ story, forgotten, letters }: Outcome): number[] {
  if (!story?.claimed) return [0];
  if (!forgotten || letters.some(isOpen)) return [1];
  return letters.length === 0 ? [0] : [0, 1];
}

function claimedOnce(claims: Facts['claims'], outcomes: readonly Outcome[]): Violation[] {
  const claimed = new Map<string, number>();
  for (const claim of claims) claimed.set(placeOf(claim), (claimed.get(placeOf(claim)) ?? 0) + 1);
  const wrong = outcomes.filter((outcome) => !claimsDue(outcome).includes(claimed.get(outcome.place) ?? 0));
  return violation(
    'I2',
    'identities are not claimed exactly when their delivery is settled',
    wrong.map(({ place }) => `${place}: ${claimed.get(place) ?? 0} claims`),
  );
}

/** Of what runs still some may have its end already, which the audit tells when all has. */
function wrongLetters({ place, story, letters, waiting, forgotten }: Outcome): string[] {
  if (!story || waiting > 0 || forgotten) return [];
  const states = { waits: 'waiting', done: 'redriven', dead: 'dead', discarded: 'discarded' };
  const found = new Map(letters.map(({ handler, state }) => [handler ?? '', state]));
  return [...story.handlers].flatMap(([handler, { state, died }]) => {
    const [due, is] = [died ? states[state] : undefined, found.get(handler)];
    return due === is ? [] : [`${place} ${handler}: ${is ?? 'none'} instead of ${due ?? 'none'}`];
  });
}
