import type { Example } from '../traffic/examples.ts';
import { signDelivery, type SignedDelivery, type Target } from '../traffic/sign-delivery.ts';

/** What is sent in one wave, a lane per repository: an issue that is opened, then pushes. */
export interface EffectsPlan {
  waves: SignedDelivery[][][];
}

const REPOSITORIES = 5;
const PUSHES = 2;
/** Ids that no example and no other part of the demo has. */
const FIRST_ID = 700_000_001;

/** Each wave is sent whole before the next one, and the relay is killed in each. */
export function planEffects(
  examples: readonly Example[],
  { target, newGuid, waves }: { target: Target; newGuid: () => string; waves: number },
): EffectsPlan {
  const opened = exampleOf(examples, 'issues', '"action":"opened"');
  const push = exampleOf(examples, 'push', '"commits"');
  const sign = (example: Example, change: object, repository: number): SignedDelivery =>
    signDelivery(ofRepository(example, change, FIRST_ID + repository), 'json', newGuid(), target);
  const lane = (wave: number, repository: number): SignedDelivery[] => [
    // No payload twice: under another GUID the second would be held as a replay.
    sign(opened, { issue: { number: wave + 1 } }, repository),
    ...Array.from({ length: PUSHES }, (_, n) => sign(push, { after: commit(wave * PUSHES + n) }, repository)),
  ];
  const repositories = Array.from({ length: REPOSITORIES }, (_, repository) => repository);
  return { waves: Array.from({ length: waves }, (_, wave) => repositories.map((one) => lane(wave, one))) };
}

function exampleOf(examples: readonly Example[], event: string, text: string): Example {
  const example = examples.find((one) => one.event === event && one.json.includes(text));
  if (!example) throw new Error(`The examples have no ${event} with ${text}.`);
  return example;
}

function commit(n: number): string {
  return String(n).padStart(40, '0');
}

function ofRepository({ event, json }: Example, change: { issue?: object; after?: string }, id: number): Example {
  const payload = JSON.parse(json) as { issue?: object; repository: object };
  const name = `repository-${id}`;
  const repository = { ...payload.repository, id, name, full_name: `octo-org/${name}` };
  const changed = { ...payload, ...change, ...(change.issue && { issue: { ...payload.issue, ...change.issue } }) };
  return { event, json: JSON.stringify({ ...changed, repository, installation: { id: 1, node_id: 'MDIz' } }) };
}
