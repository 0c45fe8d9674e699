import { VERSION } from '@hookline/contracts';
import type { Outbound } from '@hookline/outbound';
import { Octokit } from '@octokit/core';
import type { Answer } from './verdict.ts';

/** What a request may take, and what it asks before it goes out. */
export interface Bounds {
  signal: AbortSignal;
  /** Milliseconds for all requests together, from now. */
  leftMs(): number;
  begin(): void;
}

export interface Call {
  /** `POST /repos/{owner}/{repo}/issues/{issue_number}/comments`. */
  route: string;
  parameters: Record<string, unknown>;
  headers: Record<string, string>;
}

/** Sends one request to the REST API. Never rejects. */
export type CallGithub = (call: Call, bounds: Bounds) => Promise<Answer>;

/** As octokit gives it. */
interface Reply {
  status: number;
  headers: object;
  data: unknown;
}

/** A page of a hundred comments at their longest is 26 MB; what is larger is cut off, and fails. */
const LARGEST_ANSWER = 32 * 1024 * 1024;
const LONGEST_MESSAGE = 500;

/** Requests to the API at `baseUrl`, by octokit over `outbound`. */
export function createCallGithub(baseUrl: string, outbound: Pick<Outbound, 'send'>): CallGithub {
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const octokit = new Octokit({ baseUrl, userAgent: `hookline/${VERSION}`, log: silent });
  const { origin } = new URL(baseUrl);

  return async ({ route, parameters, headers }, bounds) => {
    const exchange = createExchange(origin, outbound, bounds);
    try {
      const reply: Reply = await octokit.request(route, {
        ...parameters,
        headers: { 'x-github-api-version': '2022-11-28', ...headers },
        request: { fetch: exchange.fetch, log: silent },
      });
      return exchange.cut() ?? answerOf(reply, '');
    } catch (error) {
      const { response } = error as { response?: Reply };
      if (response === undefined) return exchange.failure(error as Error);
      const message = (error as Error).message.slice(0, LONGEST_MESSAGE);
      return answerOf(response, message);
    }
  };
}

/** One request of octokit's, and what came of it beyond what a Response of fetch can say. */
function createExchange(origin: string, outbound: Pick<Outbound, 'send'>, bounds: Bounds) {
  let failed: { began: boolean; error: string } | undefined;
  let complete = true;
  return {
    async fetch(url: string, init: { method: string; headers: Record<string, string>; body?: string }) {
      // The token goes with it: a route or parameter that led elsewhere would give it away.
      if (new URL(url).origin !== origin) throw new Error(`The request would not go to ${origin}.`);
      const result = await outbound.send({
        ...{ url, method: init.method, headers: init.headers, body: init.body ?? null },
        ...{ signal: bounds.signal, deadlineMs: Math.max(bounds.leftMs(), 1), begin: bounds.begin },
        ...{ maxResponseBytes: LARGEST_ANSWER, followWithinHost: true },
      });
      if (!result.success) {
        failed = { began: result.began, error: result.error };
        throw new Error(result.error);
      }
      ({ complete } = result);
      // From here on whatever goes wrong is about an answer: the request has been there.
      failed = { began: true, error: 'The answer of GitHub could not be read.' };
      const { status, headers, body } = result;
      // By the standard these have none.
      const empty = [204, 205, 304].includes(status);
      return new Response(empty ? null : new Uint8Array(body), { status, headers });
    },
    /** Where the body of an answer was cut off, what it says is not to be read. */
    cut(): Answer | undefined {
      return complete ? undefined : { answered: false, began: true, error: 'The answer of GitHub broke off.' };
    },
    failure(error: Error): Answer {
      return { answered: false, ...(failed ?? { began: false, error: error.message }) };
    },
  };
}

function answerOf({ status, headers, data }: Reply, message: string): Answer {
  const texts = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  // Octokit gives null for JSON's null: who reads fields of an answer needs something that can have some.
  return {
    answered: true,
    status,
    headers: Object.fromEntries(texts) as Record<string, string>,
    data: data ?? '',
    message,
  };
}
