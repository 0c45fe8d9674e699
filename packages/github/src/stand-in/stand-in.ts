import type { Clock } from '@hookline/runtime';
import type { Mismatch } from './description/conformity.ts';
import type { Product } from './description/document.ts';
import type { Fault, ProgrammedFault } from './faults.ts';
import type { Act, Doubled } from './ledger.ts';
import type { StandInApp, StandInUser } from './settings.ts';
import type { CheckRun, Comment, Principal } from './state.ts';

export interface StandInSettings {
  apps?: StandInApp[];
  users?: StandInUser[];
  host?: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /** `/api/v3` as on Enterprise Server; none by default. */
  basePath?: string;
  /** Whose description all is checked against: by default github.com's, with a base path Enterprise Server's. */
  product?: Product;
  /** Milliseconds that tokens of installations live; an hour by default. */
  tokenLifeMs?: number;
  clock?: Clock;
}

/** A server that stands in for GitHub. */
export interface GithubStandIn {
  /** Of the API, with the base path: what clients call `baseUrl`. */
  url: string;
  /** Has requests fail. The result counts, as they come, those that did. */
  fault(fault: Fault): ProgrammedFault;
  faults(): ProgrammedFault[];
  clearFaults(): void;
  /** Renames a repository: its old name is redirected from then on. */
  rename(from: string, to: string): void;
  /** Ends the lives of all tokens of installations. */
  revokeTokens(): void;
  /** Everything done, in order. */
  acts(): readonly Act[];
  /** What was made more than once. */
  doubled(): Doubled[];
  comments(): Comment[];
  checkRuns(): CheckRun[];
  /** A comment as another program of this author would make it. */
  addComment(comment: { owner: string; repo: string; issueNumber: number; body: string; author: Principal }): Comment;
  /** As somebody does it in a browser. */
  removeComment(id: number): void;
  mismatches(): readonly Mismatch[];
  /** Throws, with all of them, if a request or a reply was not as GitHub describes it, or the stand-in has failed. */
  assertConforms(): void;
  /** Resolves when the port is free again; open connections are cut. */
  stop(): Promise<void>;
}
