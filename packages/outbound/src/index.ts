export { createOutbound } from './create-outbound.ts';
export { outboundOptions, type OutboundConfig } from './options.ts';
export type { Outbound, OutboundFailure, OutboundRequest, OutboundResult } from './outbound.ts';
export { caFileProblems } from './read-ca.ts';
export { urlProblem } from './check-target.ts';
