import {
  controlSchema,
  controlSubject,
  DEFAULT_KEY_RULE,
  deliverySchemaOf,
  deliverySubject,
  KEY_RULES,
  type Control,
  type Delivery,
  type KeyRule,
} from '@hookline/contracts';
import { HooklineError, systemClock, type Clock, type Logger } from '@hookline/runtime';
import { encodeControl } from './control-codec.ts';
import { undecodable, type Decoded } from './decoder.ts';
import { encodeDelivery } from './delivery-codec.ts';
import { createRegistryClient, type RegistrySettings } from './registry-client.ts';
import { failureOf, registryUnavailable } from './registry-error.ts';
import { createSchemaCache } from './schema-cache.ts';
import { readSchemaId } from './wire-format.ts';

/** Schemas of the log. Every method that calls the registry answers or throws within its timeout, or two of them. */
export interface SchemaRegistry {
  /**
   * Registers our schema for a topic's deliveries, after setting its subject to FULL_TRANSITIVE. Safe to repeat.
   *
   * @param rule the topic's key rule; default: by repository
   * @returns the schema's id
   * @throws {HooklineError} REGISTRY_UNAVAILABLE, SCHEMA_INCOMPATIBLE; TOPIC_MISMATCH where it is registered by another rule
   */
  registerDeliverySchema(topic: string, rule?: KeyRule): Promise<number>;
  /**
   * Looks our schema's id up and registers nothing: a service that starts must not change what others read.
   *
   * @param rule the key rule that deliveries are to be written by; default: by repository
   * @throws {HooklineError} REGISTRY_UNAVAILABLE, SCHEMA_UNKNOWN; TOPIC_MISMATCH where the topic's key rule is another one
   */
  deliverySchemaId(topic: string, rule?: KeyRule): Promise<number>;
  /** As `registerDeliverySchema`, of control records, which have a subject of their own. */
  registerControlSchema(topic: string): Promise<number>;
  /** As `deliverySchemaId`, of control records. */
  controlSchemaId(topic: string): Promise<number>;
  /** A record's value. Needs no call. Throws a plain error on what is not a delivery. */
  encodeDelivery(schemaId: number, delivery: Delivery): Buffer;
  /** As `encodeDelivery`, of a control record. */
  encodeControl(schemaId: number, control: Control): Buffer;
  /**
   * What a record's value is. UNDECODABLE is final: the registry is there, and the record is not ours. A registry that
   * does not know a schema is believed only while it knows another: one that was met before, else that of the topic.
   *
   * @throws {HooklineError} REGISTRY_UNAVAILABLE: nothing is known about the record, ask again later
   */
  decode(value: Buffer | null): Promise<Decoded>;
  /** As `decode`, at once, where no call is needed, and undefined where one is: no promise for each record. */
  decodeCached(value: Buffer | null): Decoded | undefined;
}

/**
 * @param settings.topic whose deliveries are decoded
 * @param settings.keyRule of that topic; default: by repository
 * @param overrides.clock measures how long an unknown schema id is remembered as such
 */
export function createSchemaRegistry(
  settings: RegistrySettings & { topic?: string; keyRule?: KeyRule },
  logger: Logger,
  overrides: { clock?: Clock } = {},
): SchemaRegistry {
  const client = createRegistryClient(settings);
  const schemas = createSchemaCache(client, findOwn, logger, overrides.clock ?? systemClock);

  async function findOwn(): Promise<number> {
    if (settings.topic === undefined) throw new Error('it has not yet answered with a schema that we know');
    return client.find(deliverySubject(settings.topic), deliverySchemaOf(settings.keyRule ?? DEFAULT_KEY_RULE));
  }

  async function registerSchema(subject: string, schema: object): Promise<number> {
    try {
      await client.setFullTransitive(subject);
      const schemaId = await client.register(subject, schema);
      schemas.remember(schemaId);
      return schemaId;
    } catch (error) {
      throw failureOf(error) === 'REFUSED' ? incompatible(subject, error) : registryUnavailable(settings.url, error);
    }
  }

  async function registerDeliverySchema(topic: string, rule: KeyRule): Promise<number> {
    await refuseOtherRule(topic, rule);
    return registerSchema(deliverySubject(topic), deliverySchemaOf(rule));
  }

  async function deliverySchemaId(topic: string, rule: KeyRule): Promise<number> {
    try {
      return await schemaIdOf(deliverySubject(topic), deliverySchemaOf(rule));
    } catch (error) {
      if (error instanceof HooklineError && error.code === 'SCHEMA_UNKNOWN') await refuseOtherRule(topic, rule);
      throw error;
    }
  }

  async function refuseOtherRule(topic: string, rule: KeyRule): Promise<void> {
    for (const other of KEY_RULES.filter((one) => one !== rule)) {
      // A registry that is away, or has nothing of it, is told of by whoever asks it next.
      const found = await client.find(deliverySubject(topic), deliverySchemaOf(other)).catch(() => undefined);
      if (found !== undefined) throw otherRule(topic, other, rule);
    }
  }

  async function schemaIdOf(subject: string, schema: object): Promise<number> {
    try {
      const schemaId = await client.find(subject, schema);
      schemas.remember(schemaId);
      return schemaId;
    } catch (error) {
      throw failureOf(error) === 'NOT_FOUND' ? unknown(subject, error) : registryUnavailable(settings.url, error);
    }
  }

  return {
    registerDeliverySchema: (topic, rule = DEFAULT_KEY_RULE) => registerDeliverySchema(topic, rule),
    deliverySchemaId: (topic, rule = DEFAULT_KEY_RULE) => deliverySchemaId(topic, rule),
    registerControlSchema: (topic) => registerSchema(controlSubject(topic), controlSchema),
    controlSchemaId: (topic) => schemaIdOf(controlSubject(topic), controlSchema),

    encodeDelivery,
    encodeControl,

    async decode(value) {
      const prefix = readSchemaId(value);
      if (!prefix.success) return undecodable(prefix.detail);
      try {
        const decoder = schemas.get(prefix.schemaId) ?? (await schemas.fetch(prefix.schemaId));
        return decoder(prefix.value);
      } catch (error) {
        throw registryUnavailable(settings.url, error);
      }
    },

    decodeCached(value) {
      const prefix = readSchemaId(value);
      if (!prefix.success) return undecodable(prefix.detail);
      return schemas.get(prefix.schemaId)?.(prefix.value);
    },
  };
}

function incompatible(subject: string, cause: unknown): HooklineError {
  return new HooklineError(
    'SCHEMA_INCOMPATIBLE',
    `The registry refuses our schema under ${subject}: ${(cause as Error).message}. Every version must read every ` +
      'other (FULL_TRANSITIVE): give each new field a default, and remove only fields that have one.',
    { cause },
  );
}

function otherRule(topic: string, is: KeyRule, wanted: KeyRule): HooklineError {
  return new HooklineError(
    'TOPIC_MISMATCH',
    `The deliveries of topic ${topic} are ordered by ${is}, and here by ${wanted}: a repository would have two orders. ` +
      `Set HOOKLINE_KEY_RULE=${is}; the log moves to another rule by hookline topics generation.`,
  );
}

function unknown(subject: string, cause: unknown): HooklineError {
  return new HooklineError(
    'SCHEMA_UNKNOWN',
    `The registry does not have our schema under ${subject}. Register it: hookline topics create.`,
    { cause },
  );
}
