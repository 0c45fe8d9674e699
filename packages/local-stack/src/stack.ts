import type { Certificate } from './secure/certificates.ts';
import type { SecureListeners, SecureUsers } from './secure/kafka-listeners.ts';

export type ProviderName = 'containers' | 'processes';

export type PartKind = 'kafka' | 'registry' | 'postgres';

/** Where a running stack is. Every address is on the loopback interface. */
export interface StackAddresses {
  provider: ProviderName;
  /** `host:port` of each broker; empty in a stack without Kafka. */
  brokers: string[];
  /** Base of the registry's Confluent API, `…/apis/ccompat/v7`; empty in a stack without a registry. */
  registryUrl: string;
  /** Superuser, database `postgres`; empty in a stack without PostgreSQL. */
  databaseUrl: string;
}

/**
 * One server of a stack. It keeps its address and its data through every one of these calls; each resolves when it
 * is done: `start` when the server answers, `stop` and `kill` when its last process is gone.
 */
export interface Part {
  /** `kafka-1`, `kafka-2`, `registry` or `postgres`. */
  readonly name: string;
  /** Port on the loopback interface. */
  readonly port: number;
  start(): Promise<void>;
  /** As an operator would: the server closes its files and says goodbye. */
  stop(): Promise<void>;
  /** As a power cut would: SIGKILL, nothing is flushed. */
  kill(): Promise<void>;
  /** Freezes every process of the server: its port still accepts, nothing answers. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

export interface Stack {
  addresses: StackAddresses;
  /** One part per broker. */
  kafka: Part[];
  /** Throws when the stack was started without it. */
  readonly registry: Part;
  /** Throws when the stack was started without it. */
  readonly postgres: Part;
  /** Stops every part, and removes what is temporary. Safe to call twice. */
  stop(): Promise<void>;
}

/** Progress of one step of a start; a failed one is followed by the rejection of `startStack`. */
export interface StackStep {
  name: string;
  state: 'started' | 'done' | 'failed';
  /** Since the step started, in milliseconds. */
  elapsedMs: number;
}

export interface StackPorts {
  kafka?: number[];
  registry?: number;
  postgres?: number;
}

export interface StackOptions {
  /** Default `auto`: containers where a Docker engine answers, else processes. */
  provider?: ProviderName | 'auto';
  /** Default 1. With two, the first is also the cluster's only controller: kill the second to move leaders. */
  brokers?: 1 | 2;
  /** Keeps data, ports and cluster id over restarts. Without it everything is temporary and removed by `stop`. */
  dataDirectory?: string;
  /** Wished ports; one that is taken is replaced by a free one. */
  ports?: StackPorts;
  /** Default: all. */
  parts?: PartKind[];
  onStep?: (step: StackStep) => void;
  /**
   * Told when a part that answered ends although nobody stopped or killed it by its handle: its name, how it ended and
   * the end of its log, to be shown. By processes only: the ends of containers are Docker's to tell.
   */
  onPartEnd?: (message: string) => void;
  /** Listeners by TLS beside the plain ones, on the parts that are named; of processes only. */
  secure?: SecureParts;
}

/** How parts are spoken to by TLS. */
export interface SecureParts {
  kafka?: { listeners: SecureListeners; users: SecureUsers };
  /** The server's certificate and key, which are copied at the start, and the authorities of clients. */
  postgres?: Certificate & { caFile: string };
}
