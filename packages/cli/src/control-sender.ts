import type { Control } from '@hookline/contracts';
import { writeCommands } from '@hookline/database';
import {
  createControlLog,
  createSchemaRegistry,
  kafkaConnection,
  registryConnection,
  type ControlLog,
} from '@hookline/kafka';
import type { Via } from './control-options.ts';
import { hasMoved, type ControlConfig, type ControlPlace } from './control-place.ts';
import { silentLogger } from './kafka-access.ts';
import { withDatabase } from './with-database.ts';

/** A command on its way to the owner of its partition. */
export interface Command {
  partition: number;
  via: Via;
  control: Control;
}

/** Writes commands, to the log or to the table. Connects to what is needed when it is needed. */
export interface ControlSender {
  /** @throws {HooklineError} where it is not certain that all are written; the same ones can be written again */
  append(commands: readonly Command[]): Promise<void>;
  /** Never rejects. */
  close(): Promise<void>;
}

const REGISTRY_TIMEOUT_MS = 10_000;

export function createControlSender(config: ControlConfig, place: ControlPlace): ControlSender {
  const logger = silentLogger();
  const registry = createSchemaRegistry({ ...registryConnection(config), timeoutMs: REGISTRY_TIMEOUT_MS }, logger);
  const connection = kafkaConnection(config);
  let log: ControlLog | undefined;
  let schemaId: number | undefined;

  return {
    async append(commands) {
      const forLog = commands.filter(({ via }) => via === 'log');
      const forTable = commands.filter(({ via }) => via === 'table');
      if (forLog.length > 0) {
        const id = (schemaId ??= await registry.controlSchemaId(place.topic));
        log ??= createControlLog({ connection, topic: place.topic, partitions: place.partitions }, logger);
        await log.append(
          forLog.map(({ partition, control }) => ({
            key: control.orderingKey,
            partition,
            value: registry.encodeControl(id, control),
          })),
        );
      }
      if (forTable.length > 0) {
        const written = await withDatabase(config, (database) => writeCommands(database, place, forTable));
        if (!written.success) throw hasMoved(place.topic);
      }
    },
    close: async () => await log?.close(),
  };
}
