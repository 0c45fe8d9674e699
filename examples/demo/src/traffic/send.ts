import { Agent, type IncomingMessage, request as httpRequest, type ClientRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Answer, WebhookRequest } from './request.ts';

/** Longer than ingest may take to answer, however slow the machine. */
const TIMEOUT_MS = 30_000;
const CHUNK = Buffer.alloc(64 * 1024, 'a');

export interface Exchange {
  request: WebhookRequest;
  answer: Answer;
}

/**
 * Sends every lane to `origin`, side by side; resolves to all requests with their answers, lane by lane in the order
 * of sending. A request without an answer has status 0, and its lane goes on. Rejects only when aborted.
 */
export async function sendLanes(origin: string, lanes: WebhookRequest[][], signal: AbortSignal): Promise<Exchange[]> {
  const agent = new Agent({ keepAlive: true });
  const sendLane = async (lane: WebhookRequest[]): Promise<Exchange[]> => {
    const exchanges: Exchange[] = [];
    for (const request of lane) {
      signal.throwIfAborted();
      exchanges.push({ request, answer: await send(origin, request, agent) });
    }
    return exchanges;
  };
  try {
    return (await Promise.all(lanes.map(sendLane))).flat();
  } finally {
    agent.destroy();
  }
}

async function send(origin: string, request: WebhookRequest, agent: Agent): Promise<Answer> {
  const { method, headers, body } = request;
  const outgoing = httpRequest(new URL(request.path, origin), { method, headers, agent, timeout: TIMEOUT_MS });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')));
    // Stays: a connection that is cut after its answer has nothing more to say.
    outgoing.on('error', reject);
  });
  try {
    if (Buffer.isBuffer(body)) outgoing.end(body);
    else writeUntilAnswered(outgoing, body.length);
    return await readAnswer(await response);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { status: 0, code: code ?? message };
  } finally {
    if (!Buffer.isBuffer(body)) outgoing.destroy();
  }
}

function writeUntilAnswered(outgoing: ClientRequest, length: number): void {
  let left = length;
  let answered = false;
  outgoing.once('response', () => (answered = true));
  const write = (): void => {
    while (!answered && left > 0) {
      const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
      left -= chunk.length;
      if (!outgoing.write(chunk)) {
        outgoing.once('drain', write);
        return;
      }
    }
    if (left === 0) outgoing.end();
  };
  write();
}

/** 202 says what became of the delivery in `status`, a problem has a `code`; anything else is not from us. */
async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const status = response.statusCode ?? 0;
  const body = await text(response);
  try {
    const { code, status: outcome } = JSON.parse(body) as { code?: unknown; status?: unknown };
    return { status, code: String(status === 202 ? outcome : code) };
  } catch {
    return { status, code: 'an answer that is not JSON' };
  }
}
