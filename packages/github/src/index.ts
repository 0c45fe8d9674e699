export { eventProblem } from './event-problem.ts';
export * from './facts.ts';
export * from './headers.ts';
export * from './media-type.ts';
export * from './payload.ts';
export { canRepeat } from './repeatable-events.ts';
export * from './signature.ts';
