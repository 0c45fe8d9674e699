export type { OwnedPartition, Taken, WorkEnd } from './assignments.ts';
export * from './log-consumer.ts';
export type { QueueLimits, ReadRecord } from './partition-queue.ts';
