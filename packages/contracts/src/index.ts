export * from './check-record.ts';
export * from './decisions.ts';
export * from './envelope.ts';
export * from './halts.ts';
export * from './key.ts';
export * from './partition.ts';
export * from './topics.ts';
export * from './version.ts';
