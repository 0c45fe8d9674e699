export * from './effects/collect-effects.ts';
export * from './effects/effects.ts';
export * from './handler.ts';
export * from './handler-misuse.ts';
export * from './matches.ts';
export * from './retry-later.ts';
export * from './scoped-database.ts';
