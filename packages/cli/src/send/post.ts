import { sign } from '@hookline/github';
import { messageOf } from '../message-of.ts';

export interface Post {
  url: string;
  secret: string;
  event: string;
  guid: string;
  json: Buffer;
  form: boolean;
}

/** What came back. */
export interface Answer {
  /** Of HTTP; null where no answer came. */
  status: number | null;
  /** Of the answer: ingest's own word for it; null where it said none. */
  code: string | null;
  detail: string | null;
}

/** Longer than an ingest takes to answer. */
const TIMEOUT_MS = 30_000;

/** Posts a payload as GitHub does, signed; never rejects: that no answer came is an answer, too. */
export async function post({ url, secret, event, guid, json, form }: Post): Promise<Answer> {
  const body = form ? Buffer.from(new URLSearchParams({ payload: json.toString('utf8') }).toString()) : json;
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        Accept: '*/*',
        'Content-Type': form ? 'application/x-www-form-urlencoded' : 'application/json',
        'User-Agent': 'GitHub-Hookshot/hookline',
        'X-GitHub-Delivery': guid,
        'X-GitHub-Event': event,
        'X-Hub-Signature-256': sign(body, secret),
      },
      body,
    });
    return readAnswer(response.status, await response.text());
  } catch (error) {
    return { status: null, code: null, detail: messageOf((error as Error).cause ?? error) };
  }
}

function readAnswer(status: number, text: string): Answer {
  const said = parse(text);
  const word = said['code'] ?? said['status'];
  return {
    status,
    code: typeof word === 'string' ? word : null,
    detail: typeof said['detail'] === 'string' ? said['detail'] : null,
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
