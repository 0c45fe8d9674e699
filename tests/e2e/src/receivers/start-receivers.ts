import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@hookline/test-support';
import type { System } from '../system/start-system.ts';

/** What a receiver has done, in the order in which it did. */
export interface Done {
  guid: string;
  repository: number;
  n: number;
}

/** A program that takes webhooks from GitHub. */
export interface ReceiverProgram {
  /** `http://127.0.0.1:…` */
  url: string;
  /** Where it takes them. */
  path: string;
  done(): Done[];
}

/** Secret that the receivers verify with. */
export const RECEIVER_SECRET = "the receivers' own secret";

/** A Probot app, by Probot's own command. */
export async function startProbotApp(system: Pick<System, 'start'>): Promise<ReceiverProgram> {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return startReceiver(system, {
    main: 'tests/e2e/node_modules/probot/bin/probot.js',
    args: ['run', fileURLToPath(new URL('./probot-app.ts', import.meta.url))],
    path: '/api/github/webhooks',
    env: { APP_ID: '1', PRIVATE_KEY: privateKey, HOST: '127.0.0.1', NODE_ENV: 'production', LOG_LEVEL: 'warn' },
  });
}

/** A receiver written with Express. */
export function startExpressApp(system: Pick<System, 'start'>): Promise<ReceiverProgram> {
  return startReceiver(system, { main: 'tests/e2e/src/receivers/express-app.ts', args: [], path: '/hooks', env: {} });
}

async function startReceiver(
  system: Pick<System, 'start'>,
  { main, args, path, env }: { main: string; args: string[]; path: string; env: Record<string, string> },
): Promise<ReceiverProgram> {
  const port = await freePort();
  const file = join(await mkdtemp(join(tmpdir(), 'hookline-receiver-')), 'received.jsonl');
  const settings = { ...env, PORT: String(port), WEBHOOK_SECRET: RECEIVER_SECRET, RECEIVED_FILE: file };
  const program = system.start({ main, args, env: settings });
  let ended = false;
  void program.ended.then(() => {
    ended = true;
  });
  await until(`${main} listens`, async () => {
    if (ended) throw new Error(`${main} has ended: ${(await program.ended).stderr}`);
    return listens(port);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    path,
    done() {
      const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Done);
    },
  };
}

/** Programs of others are told their port, and do not tell it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const answer = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'close').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return answer;
}
