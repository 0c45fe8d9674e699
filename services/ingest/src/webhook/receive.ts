import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_BODY_BYTES } from '@hookline/contracts';
import type { Clock } from '@hookline/runtime';
import type { AnswerCode } from '../answers.ts';
import type { IngestEvents } from '../events.ts';
import { answerEarly } from '../http/answer-early.ts';
import { readBody } from '../http/read-body.ts';
import type { ReadingBudget } from '../http/reading-budget.ts';
import { isSuccess, sendProblem, sendSuccess } from '../http/send.ts';
import type { Source } from '../sources/source.ts';
import { acceptDelivery, type AcceptSettings, type Outcome } from './accept-delivery.ts';
import { type Head, readHead } from './read-head.ts';

export interface ReceiveSettings extends AcceptSettings {
  budget: ReadingBudget;
  clock: Clock;
  events: IngestEvents;
}

/** Answers one request to the path of a source. Resolves when the answer has been handed to the connection. */
export type Receive = (source: Source, request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The way of a request: head, body, verification and log, answer; each step is a file of its own. */
export function createReceive(settings: ReceiveSettings): Receive {
  const { budget, clock, events } = settings;

  const refuse = async (source: Source, request: IncomingMessage, response: ServerResponse, code: AnswerCode) => {
    events.rejected({ source: source.name, code, delivery: request.headers['x-github-delivery'] });
    await answerEarly(request, response, code);
  };

  return async (source, request, response) => {
    const startedAt = clock.monotonic();
    const read = readHead(request);
    if (!read.success) return await refuse(source, request, response, read.code);
    // A client that asked whether to go on sends its body only now, and none at all after an early answer.
    if (expectsContinue(request)) response.writeContinue();

    const body = await readBody(request, { maxBytes: MAX_BODY_BYTES, budget, clock });
    if (!body.success) {
      if (body.reason === 'ABORTED') return events.aborted({ source: source.name });
      return await refuse(source, request, response, body.reason);
    }

    const { head } = read;
    const received = { source, head, headers: request.headers, body: body.body, receivedAt: clock.now() };
    const outcome = await acceptDelivery(received, settings);
    answer(response, head, outcome);
    events.answered({ source: source.name, head, outcome, seconds: (clock.monotonic() - startedAt) / 1000 });
  };
}

function answer(response: ServerResponse, head: Head, outcome: Outcome): void {
  const { guid: delivery, event } = head.delivery;
  if (!isSuccess(outcome.code)) return sendProblem(response, outcome.code);
  sendSuccess(response, outcome.code, { delivery, event, ...('key' in outcome && { key: outcome.key }) });
}

function expectsContinue(request: IncomingMessage): boolean {
  return request.headers.expect?.toLowerCase() === '100-continue';
}
