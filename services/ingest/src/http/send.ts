import type { ServerResponse } from 'node:http';
import { ANSWERS, type Answer, type AnswerCode, problemOf, SUCCESSES } from '../answers.ts';

interface Prepared {
  status: number;
  headers: Record<string, string | number>;
  body: Buffer;
}

// A flood of junk is answered from here without making a single string.
const PREPARED = new Map<AnswerCode, Prepared>(
  (Object.keys(ANSWERS) as AnswerCode[]).map((code) => {
    const { status, headers }: Answer = ANSWERS[code];
    const body = Buffer.from(JSON.stringify(problemOf(code)));
    const own = { 'Content-Type': 'application/problem+json', 'Content-Length': body.length };
    return [code, { status, headers: { ...own, ...headers }, body }];
  }),
);

/** Writes a problem whole, without ending the response: see {@link answerEarly} for who ends it when. */
export function writeProblem(response: ServerResponse, code: AnswerCode): void {
  const { status, headers, body } = PREPARED.get(code) as Prepared;
  response.writeHead(status, headers);
  response.write(body);
}

/** Answers with a problem, after the whole request has been read. */
export function sendProblem(response: ServerResponse, code: AnswerCode): void {
  writeProblem(response, code);
  response.end();
}

type SuccessCode = keyof typeof SUCCESSES;

export function isSuccess(code: AnswerCode): code is SuccessCode {
  return Object.hasOwn(SUCCESSES, code);
}

/** Answers that all is well. `key` is absent where the delivery did not come into the log. */
export function sendSuccess(
  response: ServerResponse,
  code: SuccessCode,
  about: { delivery: string; event: string; key?: string },
): void {
  const body = JSON.stringify({ status: SUCCESSES[code], ...about });
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(ANSWERS[code].status, headers);
  response.end(body);
}

/** The raw bytes of a problem for a socket whose request never became one (`clientError`). */
export function rawProblem(code: AnswerCode): string {
  const { status, headers, body } = PREPARED.get(code) as Prepared;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${ANSWERS[code].title}\r\nConnection: close\r\n${lines.join('')}\r\n${body.toString()}`;
}
