import { COMPATIBILITY, SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { readSecretFile } from '@hookline/runtime';
import type { Schema, Type } from 'avsc';
import type https from 'node:https';
import { secureRequest } from '../secure-request.ts';
import { tlsAgent } from '../tls-agent.ts';
import type { RegistryAuth, RegistryConnection } from './registry-connection.ts';

export interface RegistrySettings extends RegistryConnection {
  /** Longest wait for one answer, in milliseconds. */
  timeoutMs: number;
}

/**
 * The four calls that we make. Each settles within the timeout and asks the server anew; `failureOf` tells what a
 * rejection means.
 */
export interface RegistryClient {
  /** Every version of the subject's schema must read every other. Works before the subject exists. */
  setFullTransitive(subject: string): Promise<void>;
  register(subject: string, schema: object): Promise<number>;
  find(subject: string, schema: object): Promise<number>;
  fetchSchema(schemaId: number): Promise<Schema>;
}

export function createRegistryClient(settings: RegistrySettings): RegistryClient {
  const { timeoutMs } = settings;
  const url = settings.url.replace(/\/+$/, '');
  // Made anew for each call: a client never forgets a schema that it has seen, nor asks for it again.
  const connect = () => {
    const { agent, headers } = secured(settings);
    const middlewares = [abortAfter(timeoutMs, headers)];
    return new SchemaRegistry({ host: url, retry: { retries: 0 }, middlewares, ...(agent && { agent }) });
  };
  const call = <T>(request: (client: SchemaRegistry) => Promise<T>) => withTimeout(timeoutMs, () => request(connect()));

  return {
    async setFullTransitive(subject) {
      const { agent, headers } = secured(settings);
      const at = `${url}/config/${encodeURIComponent(subject)}`;
      const { status } = await secureRequest(at, {
        method: 'PUT',
        headers: { ...headers, 'content-type': 'application/vnd.schemaregistry.v1+json' },
        body: JSON.stringify({ compatibility: COMPATIBILITY.FULL_TRANSITIVE }),
        agent,
        timeoutMs,
      }).catch((error: unknown) => {
        throw new StatusError(503, (error as Error).message);
      });
      // Whatever it has against that, it is not our schema.
      if (status < 200 || status > 299) throw new StatusError(503, `status ${status} for PUT ${at}`);
    },

    register: async (subject, schema) =>
      schemaId(
        await call((client) =>
          client.register(avroSchema(schema), { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE }),
        ),
      ),

    find: async (subject, schema) =>
      schemaId({ id: await call((client) => client.getRegistryIdBySchema(subject, avroSchema(schema))) }),

    async fetchSchema(id) {
      const type = await call((client) => client.getSchema(id));
      if (!('createResolver' in type)) throw new Error(`schema ${id} is not an Avro schema`);
      return (type as unknown as Type).schema({ exportAttrs: true });
    },
  };
}

/** Aborts a call that takes too long, which frees its socket: the client itself waits for ever. */
function abortAfter(timeoutMs: number, headers: Record<string, string>): Middleware {
  return () => ({
    prepareRequest: async (next) => (await next()).enhance({ headers, signal: AbortSignal.timeout(timeoutMs) }),
  });
}

/** How one request is secured, by what the files hold now. One that cannot be used is as a registry that is away. */
function secured({ url, tls, auth }: RegistrySettings): {
  agent: https.Agent | undefined;
  headers: Record<string, string>;
} {
  try {
    return {
      agent: url.startsWith('https:') ? tlsAgent(tls ?? {}, 'HOOKLINE_REGISTRY') : undefined,
      headers: auth === undefined ? {} : { authorization: authorization(auth) },
    };
  } catch (error) {
    throw new StatusError(503, (error as Error).message);
  }
}

function authorization(auth: RegistryAuth): string {
  if ('tokenFile' in auth) return `Bearer ${readSecretFile(auth.tokenFile).trim()}`;
  return `Basic ${Buffer.from(`${auth.username}:${readSecretFile(auth.passwordFile)}`).toString('base64')}`;
}

type Middleware = NonNullable<ConstructorParameters<typeof SchemaRegistry>[0]['middlewares']>[number];

/** Has the last word: where the answer has begun, an aborted call never settles. */
async function withTimeout<T>(timeoutMs: number, call: () => Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new StatusError(503, `no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([call(), promise]);
  } finally {
    clearTimeout(timer);
  }
}

class StatusError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The client passes on whatever a 200 contains, such as the login page of a proxy. */
function schemaId(answer: { id?: unknown }): number {
  if (Number.isInteger(answer.id)) return answer.id as number;
  throw new Error('the answer holds no schema id');
}

function avroSchema(schema: object): Parameters<SchemaRegistry['register']>[0] & { type: 'record' } {
  return structuredClone(schema) as never;
}
