import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerCode } from '../answers.ts';
import { sendProblem, writeProblem } from './send.ts';

/** More than the largest body that is allowed: who sends one slightly too large reads the answer for certain. */
const LINGER_BYTES = 64 * 1024 * 1024;

const LINGER_MS = 5_000;

/**
 * Answers before the body has been read. The answer goes out at once and whole; then the rest of the body is read
 * and thrown away, within bounds, before the connection is closed. Closed sooner, with bytes unread, the kernel would
 * send a reset, which can destroy the answer on its way; read without bounds, junk could be sent for ever.
 *
 * @returns once the connection is on its way out; a request without a body keeps its connection
 */
export async function answerEarly(request: IncomingMessage, response: ServerResponse, code: AnswerCode): Promise<void> {
  if (request.complete || !announcesBody(request)) {
    sendProblem(response, code);
    return;
  }
  response.setHeader('Connection', 'close');
  writeProblem(response, code);
  await discard(request);
  response.end();
}

/** Whether more than the head is to come. A client that waits for a 100 (Continue) may send it or not. */
function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function discard(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let discarded = 0;
    const done = (): void => {
      clearTimeout(timer);
      request.off('data', count).off('end', done).off('close', done);
      resolve();
    };
    const count = (chunk: Buffer): void => {
      discarded += chunk.length;
      if (discarded > LINGER_BYTES) done();
    };
    const timer = setTimeout(done, LINGER_MS);
    request.on('data', count).on('end', done).on('close', done);
  });
}
