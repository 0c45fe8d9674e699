export type { Mismatch } from './description/conformity.ts';
export type { Fault, FaultKind, ProgrammedFault } from './faults.ts';
export type { Act, Doubled } from './ledger.ts';
export { createStandInApp } from './settings.ts';
export type { StandInApp, StandInUser } from './settings.ts';
export type { GithubStandIn, StandInSettings } from './stand-in.ts';
export { startGithubStandIn } from './start-stand-in.ts';
