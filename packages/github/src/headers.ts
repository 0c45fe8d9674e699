/** GitHub's headers of a delivery. None of them is covered by the signature. */
export interface DeliveryHeaders {
  /** `X-GitHub-Delivery`, lower case. */
  guid: string;
  event: string;
  /** `X-GitHub-Hook-ID`, or null where the sender has none. */
  hookId: string | null;
}

/** Request headers as node:http gives them: names in lower case. */
export type RequestHeaders = Record<string, string | string[] | undefined>;

export type DeliveryHeadersResult =
  | { success: true; headers: DeliveryHeaders }
  | {
      success: false;
      reason: 'DELIVERY_MISSING' | 'DELIVERY_MALFORMED' | 'EVENT_MISSING' | 'EVENT_MALFORMED' | 'HOOK_ID_MALFORMED';
    };

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const EVENT = /^[a-z0-9_]{1,64}$/;
const HOOK_ID = /^[0-9]{1,20}$/;

/** Reads and checks what GitHub says of a delivery in its headers; a header sent twice is malformed. */
export function readDeliveryHeaders(headers: RequestHeaders): DeliveryHeadersResult {
  const guid = headers['x-github-delivery'];
  const event = headers['x-github-event'];
  const hookId = headers['x-github-hook-id'];
  if (guid === undefined || guid === '') return { success: false, reason: 'DELIVERY_MISSING' };
  if (typeof guid !== 'string' || !GUID.test(guid)) return { success: false, reason: 'DELIVERY_MALFORMED' };
  if (event === undefined || event === '') return { success: false, reason: 'EVENT_MISSING' };
  if (typeof event !== 'string' || !EVENT.test(event)) return { success: false, reason: 'EVENT_MALFORMED' };
  if (hookId !== undefined && (typeof hookId !== 'string' || !HOOK_ID.test(hookId))) {
    return { success: false, reason: 'HOOK_ID_MALFORMED' };
  }
  return { success: true, headers: { guid: guid.toLowerCase(), event, hookId: hookId ?? null } };
}

/**
 * The headers that the log keeps: GitHub's own (`X-GitHub-*`, hook and installation target among them), the user
 * agent and the content type, without which the raw body cannot be read. Not the signatures (`X-Hub-Signature*`):
 * who can read the log must not hold a pair of body and signature that could be posted again.
 */
export function keptHeaders(headers: RequestHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in headers) {
    if (!name.startsWith('x-github-') && name !== 'user-agent' && name !== 'content-type') continue;
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  return kept;
}
