import type { Clock, Logger } from '@hookline/runtime';
import { createDecoder, undecodable, type Decoder } from './decoder.ts';
import type { RegistryClient } from './registry-client.ts';
import { failureOf } from './registry-error.ts';

/** How long an id that the registry does not know is not asked for again. */
const UNKNOWN_FOR_MS = 5_000;

/** Decoders by schema id, each fetched once; concurrent askers share one call. */
export interface SchemaCache {
  /** Remembers an id that the registry is known to have, to tell an unknown schema from a useless registry. */
  remember(schemaId: number): void;
  /** The decoder, where no call is needed. */
  get(schemaId: number): Decoder | undefined;
  /**
   * The decoder; for an id that the registry does not know, one that says so.
   * Rejects when the registry cannot tell.
   */
  fetch(schemaId: number): Promise<Decoder>;
}

/**
 * @param findOwn asks the registry for the id of our own schema, where no id has been met yet that it had; rejects where
 * it cannot tell, and where it does not have it
 */
export function createSchemaCache(
  client: Pick<RegistryClient, 'fetchSchema'>,
  findOwn: () => Promise<number>,
  logger: Logger,
  clock: Clock,
): SchemaCache {
  const decoders = new Map<number, Decoder>();
  const unknown = new Map<number, { decoder: Decoder; until: number }>();
  const pending = new Map<number, Promise<Decoder>>();
  let witness: number | undefined;

  async function load(schemaId: number): Promise<Decoder> {
    try {
      const decoder = createDecoder(schemaId, await client.fetchSchema(schemaId));
      witness = schemaId;
      decoders.set(schemaId, decoder);
      return decoder;
    } catch (error) {
      if (failureOf(error) === 'UNAVAILABLE') throw error;
      await proveUseful();
      logger.warn({ schemaId, err: error }, 'a record names a schema that the registry does not have');
      const decoder = () => undecodable(`The registry has no usable schema ${schemaId}: ${(error as Error).message}.`);
      forgetOld();
      unknown.set(schemaId, { decoder, until: clock.monotonic() + UNKNOWN_FOR_MS });
      return decoder;
    }
  }

  /** A "not found" counts only from a registry that still has what it had: an empty one, or a wrong URL, says it to all. */
  async function proveUseful(): Promise<void> {
    if (witness === undefined) witness = await findOwn();
    else await client.fetchSchema(witness);
  }

  function forgetOld(): void {
    for (const [id, { until }] of unknown) if (until <= clock.monotonic()) unknown.delete(id);
  }

  return {
    remember: (schemaId) => {
      witness = schemaId;
    },
    get(schemaId) {
      const known = decoders.get(schemaId);
      if (known !== undefined || unknown.size === 0) return known;
      forgetOld();
      return unknown.get(schemaId)?.decoder;
    },
    fetch(schemaId) {
      const running = pending.get(schemaId) ?? load(schemaId).finally(() => pending.delete(schemaId));
      pending.set(schemaId, running);
      return running;
    },
  };
}
