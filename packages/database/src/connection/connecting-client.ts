import { Client, type ClientConfig } from 'pg';
import { clientConfig } from './client-config.ts';
import { connectFailure } from './connect-failure.ts';
import type { DatabaseConnection } from './database-connection.ts';

type Connected = ((error: Error) => void) | ((error: null, client: Client) => void);

/** What a connection can do besides. */
export interface ConnectingClient extends Client {
  /**
   * Whether the session is this connection's own, by the process that the server says it is. Behind a pooler it is another
   * one from transaction to transaction, and what was prepared in one is not in the next. Known once it is connected.
   */
  readonly hasOwnSession: boolean;
  /**
   * What is sent from now on goes out in one write, when nothing is left to do that waits for no answer. Each write to a
   * server on a busy machine can cost more than all else that is done for it here.
   */
  gather(): void;
  /** Ends the connection at once, whatever it still waits for: the server rolls back when it notices. */
  abandon(): void;
}

/**
 * A class of clients for node-postgres, each of which reads the files of the connection when it is made. A file that
 * cannot be read fails its `connect`: a constructor that throws would end the process, as a pool makes clients on its own.
 */
export function connectingClient(connection: DatabaseConnection): typeof Client {
  return class extends Client implements ConnectingClient {
    readonly #problem: Error | undefined;
    #isGathering = false;
    hasOwnSession = false;

    constructor(settings?: string | ClientConfig) {
      const read = tryConfig(connection);
      super({ ...(settings as ClientConfig), ...read.config });
      this.#problem = read.problem;
    }

    #lookAtSession(tell: (error: Error | null) => void): void {
      this.query<{ pid: number }>('select pg_backend_pid() as pid', (error: Error | null, answer) => {
        const { processID } = this as unknown as { processID: number };
        this.hasOwnSession = error === null && answer.rows[0]?.pid === processID;
        tell(error);
      });
    }

    gather(): void {
      if (this.#isGathering) return;
      this.#isGathering = true;
      const { stream } = this.connection;
      stream.cork();
      // Behind all promises that are settled by then.
      process.nextTick(() => {
        this.#isGathering = false;
        stream.uncork();
      });
    }

    abandon(): void {
      this.connection.stream.destroy();
    }

    override connect(): Promise<Client>;
    override connect(callback: Connected): void;
    override connect(callback?: Connected): Promise<Client> | undefined {
      if (callback === undefined) {
        return new Promise((resolve, reject) => {
          this.connect((error: Error | null) => (error ? reject(error) : resolve(this)));
        });
      }
      const tell = (error: Error | null) =>
        error ? callback(connectFailure(error) as never, undefined as never) : callback(null as never, this);
      const look = (error: Error | null) => (error ? tell(error) : this.#lookAtSession(tell));
      if (this.#problem === undefined) super.connect(look);
      else process.nextTick(tell, this.#problem);
      return undefined;
    }
  };
}

function tryConfig(connection: DatabaseConnection): { config: ClientConfig; problem?: Error } {
  try {
    return { config: clientConfig(connection) };
  } catch (error) {
    return { config: {}, problem: error as Error };
  }
}
