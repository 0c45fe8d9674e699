import { errors, type Dispatcher } from 'undici';
import { AddressRefused } from './addresses/checked-lookup.ts';
import { messageOf } from './message-of.ts';
import type { OutboundFailure, OutboundRequest, OutboundResult } from './outbound.ts';

/** Why a request was cut off. */
export class CutOff extends Error {
  override name = 'CutOff';
  readonly reason: OutboundFailure;

  constructor(reason: OutboundFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** One request and its answer, without redirects. Aborts with a {@link CutOff} as its reason; never rejects. */
export function sendOnce(
  dispatcher: Dispatcher,
  url: URL,
  request: Pick<OutboundRequest, 'method' | 'headers' | 'body' | 'begin' | 'maxResponseBytes'>,
  signal: AbortSignal,
): Promise<OutboundResult> {
  const { promise, resolve } = Promise.withResolvers<OutboundResult>();
  const chunks: Buffer[] = [];
  let room = request.maxResponseBytes;
  let began = false;
  let settled = false;
  let head: { status: number; headers: Record<string, string> } | undefined;
  let controller: Dispatcher.DispatchController | undefined;

  const settle = (result: OutboundResult): void => {
    settled = true;
    signal.removeEventListener('abort', onAbort);
    resolve(result);
  };
  const answer = (complete: boolean): OutboundResult => ({
    success: true,
    ...(head as NonNullable<typeof head>),
    body: Buffer.concat(chunks),
    complete,
  });
  const fail = (error: Error): void => {
    if (settled) return;
    settle(head === undefined ? failure(error, began, url) : answer(false));
  };
  const onAbort = (): void => {
    const reason = signal.reason as Error;
    fail(reason);
    controller?.abort(reason);
  };

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(given) {
      controller = given;
      // Given up while it waited for its connection; or undici sends again what it has sent, which nobody has asked for.
      if (settled || began) throw new CutOff('CONNECTION', 'the connection broke');
      try {
        request.begin();
      } catch (error) {
        throw new CutOff('NOT_BEGUN', messageOf(error), { cause: error });
      }
      began = true;
    },
    onResponseStart(_controller, status, headers) {
      if (status >= 200) head = { status, headers: joined(headers) };
    },
    onResponseData(given, chunk) {
      if (settled) return;
      chunks.push(chunk.subarray(0, room));
      room -= chunk.length;
      if (room >= 0) return;
      settle(answer(false));
      given.abort(new CutOff('CONNECTION', 'the body of the answer is too large'));
    },
    onResponseEnd() {
      if (!settled) settle(answer(true));
    },
    onResponseError(_controller, error) {
      fail(error);
    },
  };

  if (signal.aborted) {
    fail(signal.reason as Error);
    return promise;
  }
  signal.addEventListener('abort', onAbort, { once: true });
  const { method, headers, body } = request;
  try {
    dispatcher.dispatch({ origin: url.origin, path: url.pathname + url.search, method, headers, body }, handler);
  } catch (error) {
    fail(error as Error);
  }
  return promise;
}

function failure(error: Error, began: boolean, url: URL): OutboundResult {
  const reason = reasonOf(error, began);
  return { success: false, reason, began, error: `${url.host}: ${messageOf(error)}` };
}

function reasonOf(error: Error, began: boolean): OutboundFailure {
  if (error instanceof CutOff) return error.reason;
  if (error instanceof AddressRefused) return 'ADDRESS_REFUSED';
  // Once it has begun, undici says so of a proxy that wants a password.
  return error instanceof errors.InvalidArgumentError && !began ? 'REQUEST_INVALID' : 'CONNECTION';
}

function joined(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value = '']) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}
