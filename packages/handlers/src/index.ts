export * from './effects/collect-effects.ts';
export * from './effects/effects.ts';
export * from './handler.ts';
export * from './handler-misuse.ts';
export * from './matches.ts';
export * from './retry-later.ts';
export * from './scoped-database.ts';
export { eventProblem } from './events/event-problem.ts';
export * from './events/payloads.ts';
export * from './users/context.ts';
export * from './users/handlers.ts';
export * from './handler-problems.ts';
export * from './users/load-handlers.ts';
export { loadModule } from './users/load-module.ts';
export * from './order/order.ts';
export * from './order/order-guard.ts';
/** For modules of kinds of your own. */
export type { Attempt, EffectKind, LookResult, OnAmbiguous, SendableEffect, SendResult } from '@hookline/runtime';
