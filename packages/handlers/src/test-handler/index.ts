export * from './a-delivery.ts';
export * from './noted-log.ts';
export * from './test-handler.ts';
