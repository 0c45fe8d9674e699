export { addressProblem } from './check-target.ts';
export { createOutbound } from './create-outbound.ts';
export { outboundOptions, type OutboundConfig } from './options.ts';
export type { Outbound, OutboundFailure, OutboundRequest, OutboundResult } from './outbound.ts';
export { caFileProblems } from './read-ca.ts';
export { retryAfterMs } from './retry-after.ts';
