import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { sign } from '@hookline/github';
import type { Random } from '../random.ts';
import type { Service } from '../system/service.ts';
import { SECRET } from '../system/system.ts';
import { isDone, type Ledger, type LedgerEntry, type Sending } from './ledger.ts';
import { isPoisoned, type Planned } from './plan.ts';

export interface LoadSettings {
  plan: readonly Planned[];
  ingests: readonly Service[];
  ledger: Ledger;
  random: Random;
  /** Over how long sendings are spread, in milliseconds. */
  spreadMs: number;
  concurrency: number;
  signal: AbortSignal;
  /** Is given what was sent, by GUID. */
  sent: Map<string, Composed>;
}

/** A signed request. */
export interface Composed {
  headers: Record<string, string>;
  body: Buffer;
  digest: string;
}

/** GitHub gives up after ten seconds. */
const GIVE_UP_MS = 10_000;
const AGAIN_MS = { least: 50, most: 400 };

/**
 * Sends everything, each delivery until it has been accepted, or is known to have been processed: what was refused
 * otherwise or broke off is sent again as it was, as an operator would have GitHub do. Rejects when aborted.
 */
export async function sendAll(settings: LoadSettings): Promise<void> {
  const { plan, spreadMs, concurrency, signal } = settings;
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const begin = performance.now();
  const waiting = plan.entries();
  const redelivered: Promise<void>[] = [];
  const worker = async (): Promise<void> => {
    for (const [index, planned] of waiting) {
      const due = begin + (index / plan.length) * spreadMs - performance.now();
      if (due > 1) await delay(due, undefined, { signal });
      const again = sendAgain(settings, planned, await sendFirst(settings, agent, planned));
      // Whoever waits for all of them hears of it.
      again.catch(() => {});
      redelivered.push(again);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
    await Promise.all(redelivered);
  } finally {
    agent.destroy();
  }
}

/** Resolves, when it was accepted, to what sends it again until it is. */
async function sendFirst(settings: LoadSettings, agent: Agent, planned: Planned): Promise<() => Promise<void>> {
  const composed = compose(planned);
  const { digest } = composed;
  settings.sent.set(planned.guid, composed);
  const entry: LedgerEntry = {
    guid: planned.guid,
    key: `github.com/repository/${planned.repository}`,
    event: planned.event,
    digest,
    poisoned: isPoisoned(planned.repository),
    misdeed: planned.misdeed,
    sendings: [],
  };
  settings.ledger.set(planned.guid, entry);
  const send = () => sendUntilDone(settings, entry, (port) => postOnce(agent, port, composed));
  await send();
  return send;
}

/** Beside everything else: what is sent again much later keeps nothing up. */
async function sendAgain(
  { signal }: LoadSettings,
  { redeliverAfterMs }: Planned,
  send: () => Promise<void>,
): Promise<void> {
  for (const afterMs of redeliverAfterMs) {
    if (afterMs > 0) await delay(afterMs, undefined, { signal });
    await send();
  }
}

async function sendUntilDone(
  { ingests, random, signal }: LoadSettings,
  { sendings }: LedgerEntry,
  send: (port: number) => Promise<Answer>,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const port = random.pick(ingests).port();
    if (port !== null) {
      const startedAt = Date.now();
      const answer = await send(port);
      sendings.push({ ...answer, startedAt, endedAt: Date.now() });
      if (isDone(answer)) return;
    }
    await delay(random.integer(AGAIN_MS.least, AGAIN_MS.most), undefined, { signal });
  }
}

/** Each has limits of its own at GitHub. */
const INSTALLATIONS = 4;

type Answer = Pick<Sending, 'status' | 'reset'>;
const NONE: Answer = { status: null, reset: false };

/** What GitHub's payloads of an event have to have: others would be dead letters, of a forged event header. */
const KEYS_OF: Record<string, object> = {
  issues: { issue: {} },
  push: { ref: 'refs/heads/main', before: '', after: '', commits: [], pusher: {} },
  star: { starred_at: null },
  fork: { forkee: {} },
};

function compose({ guid, repository, event, misdeed, filling }: Planned): Composed {
  const crash = misdeed && {
    does: misdeed.does,
    in: misdeed.in,
    until: misdeed.forMs === null ? null : Date.now() + misdeed.forMs,
  };
  const body = Buffer.from(
    JSON.stringify({
      action: 'opened',
      repository: {
        id: repository,
        name: `repository-${repository}`,
        full_name: `octo-org/repository-${repository}`,
        owner: { login: 'octo-org' },
      },
      installation: { id: 1 + (repository % INSTALLATIONS) },
      sender: { id: 1 },
      delivery: guid,
      ...(crash && { crash }),
      filling: 'x'.repeat(filling),
      ...KEYS_OF[event],
    }),
  );
  const headers = {
    'content-type': 'application/json',
    'content-length': String(body.length),
    'user-agent': 'GitHub-Hookshot/crash',
    'x-github-delivery': guid,
    'x-github-event': event,
    'x-github-hook-id': '1',
    'x-hub-signature-256': sign(body, SECRET),
  };
  return { headers, body, digest: createHash('sha256').update(body).digest('hex') };
}

/** The answer to one request. */
export function postOnce(agent: Agent, port: number, { headers, body }: Composed): Promise<Answer> {
  return new Promise((resolve) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path: '/webhooks/main', method: 'POST', agent, headers, timeout: GIVE_UP_MS },
      (incoming) => {
        const status = incoming.statusCode ?? null;
        // An answer that breaks off in its body has been given all the same: GitHub reads its status.
        text(incoming).then(
          (answer) => resolve({ status, reset: answer.includes('"status":"reset"') }),
          () => resolve({ status, reset: false }),
        );
      },
    );
    outgoing.once('timeout', () => outgoing.destroy());
    outgoing.once('error', () => resolve(NONE));
    outgoing.end(body);
  });
}
