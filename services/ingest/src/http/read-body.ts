import type { IncomingMessage } from 'node:http';
import type { Clock } from '@hookline/runtime';
import type { Reading, ReadingBudget } from './reading-budget.ts';

export type BodyResult =
  | { success: true; body: Buffer }
  /** `ABORTED`: the client went away, nobody is left to answer. */
  | { success: false; reason: 'BODY_TOO_LARGE' | 'REQUEST_TOO_SLOW' | 'OVERLOADED' | 'ABORTED' };

/**
 * Reads the raw body, declared length or chunked. What it returns is no longer counted in the budget: it must be
 * verified, and appended or dropped, in the same turn. After a failure the rest of the body still flows in, unread.
 */
export function readBody(
  request: IncomingMessage,
  settings: { maxBytes: number; budget: ReadingBudget; clock: Clock },
): Promise<BodyResult> {
  const { maxBytes, budget, clock } = settings;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const settle = (result: BodyResult): void => {
      budget.end(reading);
      request.off('data', take).off('end', complete).off('close', abort);
      resolve(result);
    };
    const fail = (reason: Extract<BodyResult, { success: false }>['reason']): void => {
      chunks.length = 0;
      settle({ success: false, reason });
    };
    const reading: Reading = { startedAt: clock.monotonic(), bytes: 0, abandon: fail };
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      budget.take(reading, chunk.length);
      if (reading.bytes > maxBytes) fail('BODY_TOO_LARGE');
    };
    const complete = (): void => settle({ success: true, body: joined(chunks, reading.bytes) });
    const abort = (): void => fail('ABORTED');
    // Listeners first: begin() may abandon this very reading, and must find what it takes off.
    request.on('data', take).on('end', complete).on('close', abort);
    budget.begin(reading);
  });
}

/** Most bodies are one chunk, which needs no copy. */
function joined(chunks: Buffer[], bytes: number): Buffer {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, bytes);
}
