import { MAX_BODY_BYTES } from '@hookline/contracts';
import { sign } from '@hookline/github';
import { randomUUID } from 'node:crypto';
import { SECRET } from './deliveries.ts';
import { payloadsOf } from './payloads.ts';

/** A push of so many commits that its body is about as large as GitHub sends at most. */
export function bigRequest(url: string, repository: number): { request: Buffer; bodyBytes: number } {
  const { host, pathname } = new URL(url);
  const guid = randomUUID();
  const push = JSON.parse(payloadsOf('push')(repository, guid).body.toString()) as Record<string, unknown>;
  const commit = (n: number) => ({ id: `${guid}-${n}`, message: `Change ${n}`.repeat(20), added: [`src/${n}.ts`] });
  const each = Buffer.byteLength(JSON.stringify(commit(100_000))) + 1;
  const commits = Array.from({ length: Math.floor((MAX_BODY_BYTES - 20_000) / each) }, (_, n) => commit(n));
  const body = Buffer.from(JSON.stringify({ ...push, commits }));
  const headers = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    `x-github-delivery: ${guid}`,
    'x-github-event: push',
    'x-github-hook-id: 1',
    `x-hub-signature-256: ${sign(body, SECRET)}`,
  ];
  return { request: Buffer.concat([Buffer.from(`${headers.join('\r\n')}\r\n\r\n`), body]), bodyBytes: body.length };
}
