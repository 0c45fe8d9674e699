import type { StackLayout } from './layout.ts';
import type { Part, PartKind, ProviderName, SecureParts } from './stack.ts';

export interface PartsRequest {
  layout: StackLayout;
  /** Exists. Data and logs go below it. */
  directory: string;
  /** Whether data must survive the end of the stack. */
  persistent: boolean;
  kinds: PartKind[];
  /** See `StackOptions`. */
  onPartEnd?: ((message: string) => void) | undefined;
  /** See `StackOptions`. */
  secure?: SecureParts | undefined;
}

export interface Parts {
  /** In the order of their node ids; empty unless asked for. */
  kafka: Part[];
  registry?: Part;
  postgres?: Part;
  /** After all parts have stopped: removes what is not in the directory. */
  remove(): Promise<void>;
}

/** A way to run the servers. Both give parts that behave alike; stack-contract.ts says how. */
export interface Provider {
  name: ProviderName;
  /** Downloads what is missing, naming each download as it begins. Rejects with a `StackError` that says what to do. */
  prepare(kinds: PartKind[], step: <T>(name: string, work: () => Promise<T>) => Promise<T>): Promise<void>;
  /** Makes parts, none of them started. */
  createParts(request: PartsRequest): Promise<Parts>;
}
