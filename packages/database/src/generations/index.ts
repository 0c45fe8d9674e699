export * from './end-generation.ts';
export type { GenerationMove, KeyedDelivery } from './generation-move.ts';
export { moveGeneration, type MovedCounts, type MoveEnd } from './move-generation.ts';
export * from './has-jobs.ts';
export * from './prepare-generation.ts';
export * from './read-drain.ts';
export * from './read-empty-holds.ts';
export * from './read-generations.ts';
