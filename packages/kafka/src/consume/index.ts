export type { OwnedPartition, Taken, WorkEnd } from './assignments.ts';
export * from './log-consumer.ts';
export type { ReadRecord } from './partition-queue.ts';
export type { QueueLimits } from './queue-budget.ts';
