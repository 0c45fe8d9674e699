import type { Client } from 'pg';
import { connectingClient } from '../connection/connecting-client.ts';
import type { DatabaseConnection } from '../connection/database-connection.ts';
import { OUTBOX_CHANNEL } from './hint-relays.ts';

export interface ListenSettings extends DatabaseConnection {
  connectTimeoutMs: number;
  /** How often the connection is asked whether it is still there: one that was cut says nothing. */
  checkMs: number;
  /** `''`: there may be effects; or `SHARDS_HINT`. */
  onHint: (hint: string) => void;
  /** Gives a hint by another connection, to see whether it is heard. */
  giveHint: () => Promise<void>;
  /** How long that may take, in milliseconds. */
  hearMs: number;
  /** It is not: a pooler that shares connections is in between. Told once. */
  onDeaf: () => void;
  /** The connection was lost; it is made anew until it is closed. */
  onLost: (error: unknown) => void;
}

export interface OutboxListener {
  /** Resolves when the connection is gone. */
  close(): Promise<void>;
}

/**
 * Hears of new effects, by a connection of its own. A hint only: some get lost, whenever the connection does, and behind
 * a pooler that shares connections all of them. Who listens polls as well.
 */
export function listenOutbox(settings: ListenSettings): OutboxListener {
  const closing = new AbortController();
  const ListeningClient = connectingClient(settings);
  let client: Client | undefined;
  let isDeaf = false;

  async function listen(): Promise<void> {
    const connected = new ListeningClient({
      connectionTimeoutMillis: settings.connectTimeoutMs,
      query_timeout: settings.connectTimeoutMs,
      application_name: 'hookline-relay-listener',
      keepAlive: true,
    });
    client = connected;
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => {});
    // Without a listener an 'error' would end the process.
    connected.on('error', lost.reject);
    connected.on('end', () => lost.reject(new Error('The server has ended the connection.')));
    const heard = Promise.withResolvers<true>();
    connected.on('notification', ({ payload }) => {
      heard.resolve(true);
      settings.onHint(payload ?? '');
    });
    try {
      await connected.connect();
      await connected.query(`listen ${OUTBOX_CHANNEL}`);
      // What came before it listened was heard by nobody.
      settings.onHint('');
      if (!isDeaf) void tellWhetherDeaf(heard.promise);
      while (!closing.signal.aborted) {
        await Promise.race([rest(settings.checkMs, closing.signal), lost.promise]);
        await connected.query('select 1');
      }
    } finally {
      await Promise.race([connected.end().catch(() => {}), rest(settings.connectTimeoutMs, null)]);
    }
  }

  /** Asked by a hint, as all else works through a pooler: LISTEN itself succeeds, in a connection that others get. */
  async function tellWhetherDeaf(heard: Promise<true>): Promise<void> {
    try {
      await settings.giveHint();
    } catch {
      // The database is away, which is told where it is needed.
      return;
    }
    const hasHeard = await Promise.race([heard, rest(settings.hearMs, closing.signal)]);
    if (hasHeard || isDeaf || closing.signal.aborted) return;
    isDeaf = true;
    settings.onDeaf();
  }

  async function run(): Promise<void> {
    let waitMs = FIRST_RETRY_MS;
    while (!closing.signal.aborted) {
      const startedAt = performance.now();
      try {
        await listen();
      } catch (error) {
        if (closing.signal.aborted) return;
        settings.onLost(error);
      }
      waitMs = performance.now() - startedAt > LAST_RETRY_MS ? FIRST_RETRY_MS : Math.min(2 * waitMs, LAST_RETRY_MS);
      await rest(waitMs, closing.signal);
    }
  }
  const running = run();

  return {
    async close() {
      closing.abort();
      await client?.end().catch(() => {});
      await running;
    },
  };
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;

/** Resolves after the time, or when the signal is aborted. Keeps no process alive. */
function rest(ms: number, signal: AbortSignal | null): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms).unref();
    if (signal?.aborted) done();
    else signal?.addEventListener('abort', done, { once: true });
  });
}
