import { Agent, request } from 'node:http';
import type { GithubDelivery } from './github-delivery.ts';

/** One answer to one request. Times are of `performance.now()`. */
export interface Answer {
  delivery: GithubDelivery;
  status: number;
  begunAt: number;
  answeredAt: number;
}

export interface Sending {
  delivery: GithubDelivery;
  url: string;
}

/** Sends deliveries over kept connections, and keeps every answer: the ledger against which the end is checked. */
export interface Sender {
  answers: Answer[];
  /** Posts one and resolves to the status of its answer. */
  post(sending: Sending): Promise<number>;
  /** Posts all, at most `concurrency` at once, begun in their order. */
  postAll(sendings: Iterable<Sending> | AsyncIterable<Sending>, concurrency: number): Promise<void>;
  close(): void;
}

export function createSender(): Sender {
  const agent = new Agent({ keepAlive: true });
  const answers: Answer[] = [];

  async function post({ delivery, url }: Sending): Promise<number> {
    const begunAt = performance.now();
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { ...delivery.headers, 'content-length': delivery.body.length };
      const outgoing = request(url, { method: 'POST', agent, headers }, (incoming) => {
        incoming.resume().once('end', () => resolve(incoming.statusCode as number));
      });
      outgoing.once('error', reject);
      outgoing.end(delivery.body);
    });
    answers.push({ delivery, status, begunAt, answeredAt: performance.now() });
    return status;
  }

  return {
    answers,
    post,
    async postAll(sendings, concurrency) {
      const iterator =
        Symbol.asyncIterator in sendings ? sendings[Symbol.asyncIterator]() : sendings[Symbol.iterator]();
      const worker = async (): Promise<void> => {
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) await post(next.value);
      };
      await Promise.all(Array.from({ length: concurrency }, worker));
    },
    close: () => agent.destroy(),
  };
}
