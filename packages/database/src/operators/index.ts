export * from './control-target.ts';
export * from './dead-target-filter.ts';
export * from './find-held-targets.ts';
export * from './find-lane.ts';
export * from './plan-dead-targets.ts';
export * from './read-dead-targets.ts';
export * from './read-outcomes.ts';
export * from './write-commands.ts';
