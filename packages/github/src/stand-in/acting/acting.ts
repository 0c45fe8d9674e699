import type { Act } from '../ledger.ts';
import type { Addresses } from '../represent/addresses.ts';
import type { Reply } from '../reply.ts';
import type { Principal, State } from '../state.ts';

/** A request that has passed authentication, and what it may need. */
export interface Acting {
  state: State;
  principal: Principal;
  /** Of the path. */
  parameters: Record<string, string>;
  query: URLSearchParams;
  /** The JSON object that came; `{}` where none did. */
  body: Record<string, unknown>;
  headers: Record<string, string | undefined>;
  addresses: Addresses;
  /** The address that was asked, without its query. */
  url: string;
  /** Milliseconds since the epoch. */
  now: number;
  /** Milliseconds that tokens of installations live. */
  tokenLifeMs: number;
  /** Puts into the ledger what has been done. */
  record(act: Omit<Act, 'at' | 'by'>): void;
}

/** Acts, and says what is answered. */
export type Handle = (acting: Acting) => Reply;
