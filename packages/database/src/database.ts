import { Pool, type PoolClient, type QueryResult, type QueryResultRow } from 'pg';

/**
 * What runs SQL: the pool, or one transaction. Of several statements in one text, the answer to the last is returned,
 * but `command` is COMMIT when any of them was.
 */
export interface Queryable {
  query<Row extends QueryResultRow = QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ rows: Row[]; rowCount: number; command: string }>;
}

export interface Database extends Queryable {
  /** A client of its own until released; `discard` closes its connection instead of reusing it. */
  acquire(): Promise<AcquiredClient>;
  /** Resolves when every idle connection is closed; clients still acquired are closed at their release. */
  close(): Promise<void>;
}

export interface AcquiredClient extends Queryable {
  /** Whether the server, by its last answer, is inside a transaction block, a failed one included. */
  inTransaction(): boolean;
  release(discard?: boolean): void;
}

export interface DatabaseOptions {
  url: string;
  poolSize: number;
  applicationName: string;
  /** After this many milliseconds without an answer a statement counts as failed and its connection as dead. */
  queryTimeoutMs: number;
  /** Milliseconds to wait for a connection, a new one or a free one of the pool. */
  connectTimeoutMs: number;
  /** Told of errors on idle connections (a restarted server): the next query connects anew. */
  onConnectionError: (error: Error) => void;
}

/** A pool of connections. Opens none until the first query; every error of a connection ends in a rejected promise. */
export function createDatabase(options: DatabaseOptions): Database {
  const pool = new Pool({
    connectionString: options.url,
    max: options.poolSize,
    application_name: options.applicationName,
    query_timeout: options.queryTimeoutMs,
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
  });
  // Both are needed: a checked-out client that the server ends emits 'error' past the pool's handler, and an
  // 'error' without a listener ends the process.
  pool.on('error', options.onConnectionError);
  pool.on('connect', (client) => client.on('error', options.onConnectionError));

  return {
    query: (text, values) => run(pool, text, values),
    async acquire() {
      const client = await pool.connect();
      return {
        query: (text, values) => run(client, text, values),
        inTransaction: () => client.getTransactionStatus() !== 'I',
        release: (discard) => client.release(discard),
      };
    },
    close: () => pool.end(),
  };
}

async function run<Row extends QueryResultRow>(on: Pool | PoolClient, text: string, values?: readonly unknown[]) {
  const answer: QueryResult<Row> | QueryResult<Row>[] = await on.query<Row>(text, values as unknown[] | undefined);
  const results = Array.isArray(answer) ? answer : [answer];
  const last = results.at(-1) as QueryResult<Row>;
  const hasCommitted = results.some(({ command }) => command === 'COMMIT');
  return { rows: last.rows, rowCount: last.rowCount ?? 0, command: hasCommitted ? 'COMMIT' : last.command };
}
