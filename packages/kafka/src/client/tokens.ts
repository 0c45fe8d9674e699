import { readSecretFile } from '@hookline/runtime';
import { secureRequest } from '../secure-request.ts';
import { tlsAgent } from '../tls-agent.ts';
import type { OauthClient } from './kafka-connection.ts';

const TIMEOUT_MS = 5_000;

/** A token is fetched anew when this part of its time is over, so that none is sent that expires on its way. */
const USABLE_SHARE = 0.8;

/** One that brokers refuse before its time, as one that was revoked, is in the way for no longer than this. */
const MAX_USE_MS = 60_000;

interface Token {
  value: string;
  usableUntil: number;
}

/**
 * Tokens of an OAuth client, by client credentials (RFC 6749, 4.4), each used for a while, and never until it expires;
 * one of unknown lifetime is used once. All who ask while one is fetched get that one, and its failure; the next asks again.
 */
export function createTokens(client: OauthClient, now: () => number = () => performance.now()): () => Promise<string> {
  let token: Token | undefined;
  let fetching: Promise<Token> | undefined;
  return async () => {
    if (token && now() < token.usableUntil) return token.value;
    fetching ??= fetchToken(client, now).finally(() => (fetching = undefined));
    token = await fetching;
    return token.value;
  };
}

async function fetchToken(client: OauthClient, now: () => number): Promise<Token> {
  const { tokenUrl, clientId, clientSecretFile, scope, caFile } = client;
  const askedAt = now();
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) });
  const { status, text } = await secureRequest(tokenUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      authorization: basic(clientId, readSecretFile(clientSecretFile)),
    },
    body: form.toString(),
    agent: tlsAgent({ caFile }, 'HOOKLINE_KAFKA_OAUTH'),
    timeoutMs: TIMEOUT_MS,
  });
  if (status !== 200) throw new Error(`${tokenUrl} gives no token: status ${status}${reasonIn(text)}`);
  const { access_token: value, expires_in: seconds = 0 } = readAnswer(text);
  if (typeof value !== 'string' || value === '') throw new Error(`${tokenUrl} answers 200 without a token`);
  const usableMs = Math.min(Number(seconds) * 1000 * USABLE_SHARE, MAX_USE_MS);
  return { value, usableUntil: askedAt + usableMs };
}

interface Answer {
  access_token?: unknown;
  expires_in?: unknown;
  error?: unknown;
}

function readAnswer(text: string): Answer {
  try {
    return (JSON.parse(text) ?? {}) as Answer;
  } catch {
    return {};
  }
}

/** Only the code, which RFC 6749 lists: what else is in the answer may hold a secret. */
function reasonIn(text: string): string {
  const { error } = readAnswer(text);
  return typeof error === 'string' && /^[\w-]{1,40}$/.test(error) ? ` (${error})` : '';
}

/** RFC 6749, 2.3.1: both are encoded as in a form before. */
function basic(user: string, password: string): string {
  const encode = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
  return `Basic ${Buffer.from(`${encode(user)}:${encode(password)}`).toString('base64')}`;
}
