export type TrafficKind = 'delivery' | 'redelivery' | 'forged' | 'malformed' | 'oversized';

/** What a server answered, or must answer: the status, and the code of the problem (`accepted` for a 202). */
export interface Answer {
  /** 0 where no answer came; then the code is the error's. */
  status: number;
  code: string;
}

/** To a delivery that has been processed, as far as ingest could learn that in time; else it is accepted, and told later. */
export const DUPLICATE: Answer = { status: 409, code: 'DUPLICATE' };

/**
 * A body: bytes as they are, or so many bytes of nothing in particular. Those are sent under a `Content-Length`
 * (`declared`) or without one (`chunked`), and no further than to the answer: one that is too large need
 * not be read to its end.
 */
export type RequestBody = Buffer | { framing: 'declared' | 'chunked'; length: number };

/** One request of the demo, with the answer that it must get. */
export interface WebhookRequest {
  kind: TrafficKind;
  /** What is special about it, for a person who reads that its answer was wrong. */
  name: string;
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body: RequestBody;
  expected: Answer;
  /** As right as that one. */
  orElse?: Answer;
  /** GUID that it carries, genuine or not; undefined where it has none that could be found again. */
  guid: string | undefined;
  /** What identifies it in log and database; undefined for what must never get there. */
  delivery: DeliveryIdentity | undefined;
}

export interface DeliveryIdentity {
  guid: string;
  /** SHA-256 of the JSON payload, in hex. */
  digest: string;
  /** Key under which it is ordered. */
  key: string;
  /** Whether the key is a repository's. */
  ofRepository: boolean;
}
