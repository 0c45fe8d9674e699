import type { Example } from '../traffic/examples.ts';
import { signDelivery, type SignedDelivery, type Target } from '../traffic/sign-delivery.ts';

/** What is sent to show what an operator decides about. */
export interface OperatorsPlan {
  genuine: SignedDelivery;
  /** The genuine body, captured with its signature, under another GUID. */
  replay: SignedDelivery;
  /** One whose handler fails until it is mended. */
  failing: SignedDelivery;
}

/** Ids that no example and no other part of the demo has. */
const GENUINE_ID = 800_000_001;
const FAILING_ID = 800_000_002;

export function planOperators(
  examples: readonly Example[],
  { target, newGuid }: { target: Target; newGuid: () => string },
): OperatorsPlan {
  const example = examples.find(({ event, json }) => event === 'release' && json.includes('"action":"published"'));
  if (!example) throw new Error('The examples have no release that is published.');
  const sign = (id: number) => signDelivery(ofRepository(example, id), 'json', newGuid(), target);
  const genuine = sign(GENUINE_ID);
  return { genuine, replay: sign(GENUINE_ID), failing: sign(FAILING_ID) };
}

function ofRepository({ event, json }: Example, id: number): Example {
  const payload = JSON.parse(json) as { repository: object };
  const repository = { ...payload.repository, id, full_name: `octo-org/repository-${id}` };
  return { event, json: JSON.stringify({ ...payload, repository }) };
}
