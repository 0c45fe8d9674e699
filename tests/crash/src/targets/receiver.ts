import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import type { Arrival } from '../check/sending-facts.ts';
import { DONE_PATH, KIND_PATH } from '../programs/kinds.ts';
import { aboutOf } from '../programs/wanted-effects.ts';
import type { Random } from '../random.ts';

/** What goes wrong with a request. */
export type Mishap =
  /** The connection is cut, and nothing is done. */
  | 'drop-request'
  /** It is done, and the connection is cut. */
  | 'drop-reply'
  /** It is done, and answered 500. */
  | 'error-after'
  /** Nothing is done; 502. */
  | 'error'
  /** It is done, and answered when the attempt is over. */
  | 'slow'
  /** It is done, and answered after a good part of the time that an attempt may take. */
  | 'sluggish'
  /** Nothing is done; 503 with a Retry-After of a second. */
  | 'unavailable';

/**
 * A server of others, with a ledger of all that arrives. It knows by its idempotency key what it has done, but for kinds
 * the attempts of which are not to be repeated: those it does as often as it is told.
 */
export interface Receiver {
  url: string;
  arrivals: Arrival[];
  /** From now on that share of the requests, from 0 to 1, meets one of these. */
  disturb(mishaps: readonly Mishap[], share: number, random: Random): void;
  repair(): void;
  close(): Promise<void>;
}

interface Asked {
  kind: string;
  about: string;
  refused: 'at-first' | 'always' | null;
}

const DOES_AGAIN: readonly string[] = ['crash.look', 'crash.park'];

/** @param late milliseconds until what is slow, or sluggish, is answered */
export async function startReceiver(late: { slow: number; sluggish: number }): Promise<Receiver> {
  const arrivals: Arrival[] = [];
  const done = new Set<string>();
  const refusedOnce = new Set<string>();
  const none = (): Mishap | null => null;
  let mishapOf = none;
  const server = createServer((request, response) => {
    void receive(request, response).catch(() => response.destroy());
  });

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    if (request.url?.startsWith(DONE_PATH)) {
      const isDone = done.has(request.url.slice(DONE_PATH.length));
      return void response.writeHead(isDone ? 200 : 404).end();
    }
    const arrival = noteArrival(request, body, response);
    const mishap = mishapOf();
    const reply = (status: number, headers: Record<string, string> = {}): void => {
      arrival.arrival.endedAt ??= Date.now();
      response.writeHead(status, headers).end();
    };
    if (mishap === 'drop-request') return void response.destroy();
    if (mishap === 'error') return reply(502);
    if (mishap === 'unavailable') return reply(503, { 'retry-after': '1' });
    if (isRefused(arrival.asked)) return reply(422);
    act(arrival.arrival);
    if (mishap === 'drop-reply') return void response.destroy();
    if (mishap === 'slow' || mishap === 'sluggish') await delay(late[mishap]);
    reply(mishap === 'error-after' ? 500 : 200);
  }

  function noteArrival(request: IncomingMessage, body: string, response: ServerResponse) {
    const asked = askedBy(request, body);
    const key = request.headers['idempotency-key'];
    const effectId = typeof key === 'string' ? key : null;
    const { kind, about } = asked;
    const arrival: Arrival = { kind, about, effectId, at: Date.now(), endedAt: null, acted: false };
    arrivals.push(arrival);
    response.once('close', () => (arrival.endedAt ??= Date.now()));
    return { arrival, asked };
  }

  /** What is refused at first is taken from the second time on: then an operator has had it sent again. */
  function isRefused({ about, refused }: Asked): boolean {
    const isAgain = refusedOnce.has(about);
    if (refused !== null) refusedOnce.add(about);
    return refused === 'always' || (refused === 'at-first' && !isAgain);
  }

  function act(arrival: Arrival): void {
    const name = arrival.effectId ?? `none ${arrivals.length}`;
    arrival.acted = DOES_AGAIN.includes(arrival.kind) || !done.has(name);
    done.add(name);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    disturb(mishaps, share, random) {
      mishapOf = () => (random.chance(share) ? random.pick(mishaps) : null);
    },
    repair() {
      mishapOf = none;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function askedBy({ url, headers }: IncomingMessage, body: string): Asked {
  if (url === '/forward') {
    const guid = String(headers['x-github-delivery']);
    return { kind: 'http.forward', about: aboutOf(guid, { name: 'forward' }), refused: null };
  }
  const { about, refused = null } = JSON.parse(body) as Pick<Asked, 'about'> & Partial<Asked>;
  return { kind: url?.startsWith(KIND_PATH) ? url.slice(KIND_PATH.length) : 'http.post', about, refused };
}
