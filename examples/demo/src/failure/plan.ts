import { partitionOf } from '@hookline/contracts';
import type { Example } from '../traffic/examples.ts';
import type { WebhookRequest } from '../traffic/request.ts';
import { signDelivery, type Target } from '../traffic/sign-delivery.ts';

export interface FailurePlan {
  /** Key of the repository for which the handler is broken. */
  failingKey: string;
  /** Key of another one, in the same partition. */
  neighbourKey: string;
  /** What is sent before the handler is mended, a lane per repository. */
  broken: WebhookRequest[][];
  /** What is sent after it. */
  mended: WebhookRequest[][];
}

const OTHERS = 7;
const BROKEN_EACH = 12;
const MENDED_EACH = 3;
/** Ids that no example has. */
const FIRST_ID = 900_000_000;

/** Deployments of eight repositories, one of them in the partition of the failing one: nothing but the key may wait. */
export function planFailure(
  examples: readonly Example[],
  { target, partitions, newGuid }: { target: Target; partitions: number; newGuid: () => string },
): FailurePlan {
  const example = examples.find(({ event, json }) => event === 'deployment' && json.includes('"action":"created"'));
  if (!example) throw new Error('The examples have no deployment that is created.');
  const { failing, neighbour, others } = repositories(target.namespace, partitions);
  // No payload twice: under another GUID the second would be held as a replay.
  const lanes = (first: number, each: number): WebhookRequest[][] =>
    [failing, neighbour, ...others].map((id) =>
      Array.from({ length: each }, (_, n) =>
        signDelivery(ofRepository(example, id, first + n), 'json', newGuid(), target),
      ),
    );
  return {
    failingKey: keyOf(target.namespace, failing),
    neighbourKey: keyOf(target.namespace, neighbour),
    broken: lanes(0, BROKEN_EACH),
    mended: lanes(BROKEN_EACH, MENDED_EACH),
  };
}

function repositories(namespace: string, partitions: number) {
  const partition = (id: number): number => partitionOf(keyOf(namespace, id), partitions);
  const failing = FIRST_ID;
  let neighbour = failing + 1;
  while (partition(neighbour) !== partition(failing)) neighbour += 1;
  const others = Array.from({ length: OTHERS }, (_, i) => failing + 1 + i).filter((id) => id !== neighbour);
  return { failing, neighbour, others: others.slice(0, OTHERS - 1) };
}

function keyOf(namespace: string, id: number): string {
  return `${namespace}/repository/${id}`;
}

function ofRepository({ event, json }: Example, id: number, n: number): Example {
  const payload = JSON.parse(json) as { deployment: object; repository: object };
  const repository = { ...payload.repository, id, full_name: `octo-org/repository-${id}` };
  return { event, json: JSON.stringify({ ...payload, deployment: { ...payload.deployment, id: n }, repository }) };
}
