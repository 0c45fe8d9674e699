export * from './handler.ts';
export * from './matches.ts';
export * from './scoped-database.ts';
