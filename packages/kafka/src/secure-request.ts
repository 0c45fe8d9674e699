import http from 'node:http';
import https from 'node:https';

/** One request with a body, and how it is secured. */
export interface SecureRequest {
  method: 'PUT' | 'POST';
  headers: Record<string, string>;
  body: string;
  /** Of an https URL: how its connection is made. */
  agent: https.Agent | undefined;
  /** Longest wait for the whole answer, in milliseconds. */
  timeoutMs: number;
}

const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Sends one request by a connection of its own. Follows no redirect: a secret would go wherever it leads.
 *
 * @throws an error that says what went wrong with the connection; any status is an answer
 */
export function secureRequest(url: string, request: SecureRequest): Promise<{ status: number; text: string }> {
  const { method, headers, body, agent, timeoutMs } = request;
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = Promise.withResolvers<{ status: number; text: string }>();
  const fail = (error: Error): void => {
    answer.reject(signal.aborted ? new Error(`no answer within ${timeoutMs} ms`, { cause: error }) : error);
  };
  const { request: send } = agent === undefined ? http : https;
  const sent = send(url, { method, headers, signal, agent: agent ?? false }, (response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('error', fail);
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) response.destroy(new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`));
      else chunks.push(chunk);
    });
    response.on('end', () => {
      answer.resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
    });
  });
  sent.on('error', fail);
  sent.end(body);
  return answer.promise;
}
