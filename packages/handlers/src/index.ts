export * from './handler.ts';
export * from './matches.ts';
export * from './retry-later.ts';
export * from './scoped-database.ts';
