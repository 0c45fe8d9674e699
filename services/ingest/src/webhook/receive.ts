import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_BODY_BYTES } from '@hookline/contracts';
import { verifySignature, type VerifyResult } from '@hookline/github';
import { withSpan, type Clock } from '@hookline/runtime';
import { ANSWERS, type AnswerCode } from '../answers.ts';
import type { IngestEvents } from '../events.ts';
import { answerEarly } from '../http/answer-early.ts';
import { readBody, type BodyResult } from '../http/read-body.ts';
import type { ReadingBudget } from '../http/reading-budget.ts';
import { isSuccess, sendProblem, sendSuccess } from '../http/send.ts';
import type { Source } from '../sources/source.ts';
import { acceptDelivery, type AcceptSettings, type Outcome } from './accept-delivery.ts';
import { prepareDelivery, type PrepareResult, type PrepareSettings } from './prepare-delivery.ts';
import { type Head, readHead } from './read-head.ts';
import { answeredFacts, requestSpan } from './spans.ts';

export interface ReceiveSettings extends AcceptSettings, PrepareSettings {
  budget: ReadingBudget;
  clock: Clock;
  events: IngestEvents;
}

/** Answers one request to the path of a source. Resolves when the answer has been handed to the connection. */
export type Receive = (source: Source, request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** What has become of a body. */
type Taken =
  | { state: 'unread'; reason: Extract<BodyResult, { success: false }>['reason'] }
  | { state: 'unverified'; reason: Extract<VerifyResult, { success: false }>['reason'] }
  | { state: 'verified'; prepared: PrepareResult };

/** The way of a request: head, body, verification and log, answer; each step is a file of its own. */
export function createReceive(settings: ReceiveSettings): Receive {
  const { budget, clock, events } = settings;

  const refuse = async (source: Source, request: IncomingMessage, response: ServerResponse, code: AnswerCode) => {
    events.rejected({ source: source.name, code, delivery: request.headers['x-github-delivery'] });
    await answerEarly(request, response, code);
  };

  /**
   * Reads a body and makes of it what goes into the log. It ends before the log is waited for: whoever waited with the body
   * in its hands would keep a large one in memory twice.
   */
  const take = async (source: Source, head: Head, request: IncomingMessage): Promise<Taken> => {
    const read = await readBody(request, { maxBytes: MAX_BODY_BYTES, budget, clock });
    if (!read.success) return { state: 'unread', reason: read.reason };
    const receivedAt = clock.now();
    const { body } = read;
    // The first thing that happens to it: whoever does not know a secret reaches no parser, and makes no span.
    const verified = verifySignature({ body, signatureHeader: head.signature, secrets: source.secrets });
    if (!verified.success) return { state: 'unverified', reason: verified.reason };
    const { label: secretLabel } = verified;
    const received = { source, head, headers: request.headers, body, secretLabel, receivedAt };
    return { state: 'verified', prepared: prepareDelivery(received, settings) };
  };

  return async (source, request, response) => {
    const startedAt = clock.monotonic();
    const read = readHead(request);
    if (!read.success) return await refuse(source, request, response, read.code);
    // A client that asked whether to go on sends its body only now, and none at all after an early answer.
    if (expectsContinue(request)) response.writeContinue();

    const { head } = read;
    const taken = await take(source, head, request);
    if (taken.state === 'unread') {
      if (taken.reason === 'ABORTED') return events.aborted({ source: source.name });
      return await refuse(source, request, response, taken.reason);
    }

    const tookMs = () => clock.monotonic() - startedAt;
    const tell = (outcome: Outcome) => {
      answer(response, head, outcome);
      events.answered({ source: source.name, head, outcome, seconds: tookMs() / 1000 });
    };
    if (taken.state === 'unverified') return tell({ code: taken.reason });
    const { prepared } = taken;
    const traced = { source, head, headers: request.headers, startedAt: clock.now() - tookMs() };
    await withSpan(requestSpan(settings.tracing, traced), async (span) => {
      const outcome = prepared.success ? await acceptDelivery(prepared.delivery, settings) : prepared.outcome;
      tell(outcome);
      span.set(answeredFacts(outcome.code));
      if (ANSWERS[outcome.code].status >= 500) span.fail(outcome.code);
    });
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
