import { createHash, randomUUID } from 'node:crypto';
import { DEFAULT_KEY_RULE, JOB_EVENT, JOB_SOURCE, orderingKey, type Job } from '@hookline/contracts';
import type { HandledDelivery } from '../handler.ts';

/** A delivery that a test makes up: an event with its payload, or a job. What is absent is as of an ordinary one. */
export type TestedDelivery = TestedEvent | TestedJob;

interface TestedFacts {
  guid?: string;
  source?: string;
  /** Host of GitHub. */
  namespace?: string;
  headers?: Record<string, string>;
  /** Milliseconds since the Unix epoch. */
  receivedAt?: number;
}

export interface TestedEvent extends TestedFacts {
  /** `issues` */
  event: string;
  /** As GitHub sends it; its `action` is the delivery's. */
  payload: object;
}

export interface TestedJob extends TestedFacts {
  /** Name of the job. */
  job: string;
  /** As it was given to `effects.job`. */
  payload: unknown;
  /** The delivery whose handler asked for it. */
  cause?: Partial<Job['cause']>;
}

interface Named {
  id?: unknown;
}

type Payload = Partial<
  Record<'repository' | 'installation' | 'organization' | 'enterprise' | 'sender', Named | null>
> & {
  action?: unknown;
};

/** The delivery as handlers would be given it. */
export function aDelivery(tested: TestedDelivery): HandledDelivery {
  const { event, payload, source } = 'job' in tested ? jobOf(tested) : { source: 'test', ...tested };
  const facts = payload as Payload;
  const body = Buffer.from(JSON.stringify(payload));
  const repositoryId = idOf(facts.repository);
  const { key } = orderingKey(
    {
      repositoryId,
      ownerId: null,
      installationId: idOf(facts.installation),
      organizationId: idOf(facts.organization),
      enterpriseId: idOf(facts.enterprise),
      senderId: idOf(facts.sender),
    },
    { namespace: tested.namespace ?? 'github.com', dedupScope: source },
    DEFAULT_KEY_RULE,
  );
  return {
    source,
    dedupScope: source,
    guid: tested.guid ?? randomUUID(),
    digest: createHash('sha256').update(body).digest(),
    event,
    action: 'job' in tested ? tested.job : typeof facts.action === 'string' ? facts.action : null,
    repositoryId,
    hookId: null,
    receivedAt: tested.receivedAt ?? Date.now(),
    headers: { 'content-type': 'application/json', ...tested.headers },
    body,
    orderingKey: key,
    partition: 0,
    offset: 0n,
    // Read from the bytes, as in production: what is no JSON is not there, and nobody else can change it.
    payload: JSON.parse(body.toString()) as unknown,
  };
}

function jobOf({ job, payload, cause = {}, source = JOB_SOURCE }: TestedJob) {
  const asked: Job['cause'] = {
    guid: randomUUID(),
    event: 'push',
    action: null,
    source: 'test',
    handler: 'test',
    ...cause,
  };
  const whole: Job = { job, payload, cause: asked };
  return { event: JOB_EVENT, payload: whole, source };
}

const idOf = (named: Named | null | undefined): string | null => {
  const id = named?.id;
  return typeof id === 'number' || typeof id === 'string' ? String(id) : null;
};
