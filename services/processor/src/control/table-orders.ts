import { setTimeout as delay } from 'node:timers/promises';
import {
  fencedTransaction,
  readOpenCommands,
  type Database,
  type Fence,
  type OpenCommand,
  type TransactionOptions,
} from '@hookline/database';
import type { ProcessorEvents } from '../events.ts';
import type { Turn } from '../partition/turn.ts';
import { refuseTableOrder, runTableOrder, type OrderSettings, type TableOrderEnd } from './run-orders.ts';

export interface TableOrderSettings extends OrderSettings {
  database: Database;
  transaction: Omit<TransactionOptions, 'applicationName' | 'signal'>;
  events: Pick<ProcessorEvents, 'orderApplied' | 'ordersNotRead'>;
  /** Tells relays that there is something to send; returns at once. */
  hintRelays: () => void;
  pollMs: number;
}

/** A partition that is ours. */
export interface OrderedPartition {
  fence: Fence;
  turn: Turn;
  /** Aborted when the partition is lost, or given up. */
  signal: AbortSignal;
  onLanesChanged(dueInMs: number): void;
}

/** Commands that operators have written to the table, because a partition does not read: it is halted, or paused. */
export interface TableOrders {
  /** Applies what is written about a partition while some work on it goes on. */
  beside<T>(partition: OrderedPartition, work: () => Promise<T>): Promise<T>;
  /** Looks once, for all partitions. */
  tick(): Promise<void>;
}

const MOST_AT_ONCE = 100;

/** One look for all partitions of the process, however many, while there is any. */
export function createTableOrders(settings: TableOrderSettings): TableOrders {
  const { database, transaction, events, pollMs } = settings;
  const owned = new Map<number, OrderedPartition>();
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    while (owned.size > 0) {
      await tick().catch((error: unknown) => events.ordersNotRead(error));
      await delay(pollMs, undefined, { ref: false });
    }
    looking = null;
  }

  async function tick(): Promise<void> {
    const [first] = owned.values();
    if (!first) return;
    const open = await readOpenCommands(database, first.fence, [...owned.keys()], MOST_AT_ONCE);
    for (const command of open) {
      const partition = owned.get(command.partition);
      // One that cannot be applied now keeps no other from it.
      if (partition && !partition.signal.aborted) await apply(partition, command).catch(told(partition));
    }
  }

  function told({ signal }: OrderedPartition) {
    return (error: unknown) => void (signal.aborted || events.ordersNotRead(error));
  }

  /** Whoever has lost the partition meanwhile applies nothing: the next owner looks, too. */
  async function apply(partition: OrderedPartition, command: OpenCommand): Promise<void> {
    const { order } = command;
    const { fence, turn, signal } = partition;
    const giveBack = await turn.take(signal);
    try {
      const end = await fencedTransaction<TableOrderEnd>(
        database,
        fence,
        { ...transaction, signal },
        (tx, nextOffset) =>
          order
            ? runTableOrder(tx, fence, nextOffset, order, settings)
            : refuseTableOrder(tx, fence, nextOffset, command),
      );
      if (!order || !end || 'success' in end) return;
      events.orderApplied(fence, order, end);
      if (order.target.command === 'redrive-effect') settings.hintRelays();
      if (end.laneDueInMs !== null) partition.onLanesChanged(end.laneDueInMs);
    } finally {
      giveBack();
    }
  }

  return {
    async beside(partition, work) {
      const { partition: number } = partition.fence;
      owned.set(number, partition);
      looking ??= look();
      try {
        return await work();
      } finally {
        if (owned.get(number) === partition) owned.delete(number);
      }
    },
    tick,
  };
}
