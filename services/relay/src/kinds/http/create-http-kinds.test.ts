import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { sign } from '@hookline/github';
import type { Outbound, OutboundRequest } from '@hookline/outbound';
import { systemClock } from '@hookline/runtime';
import { aJob, anAttempt } from '../../testing/a-job.ts';
import { createHttpKinds, httpProblems, type FileEvents } from './create-http-kinds.ts';
import { secretOrigins } from './signing-secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'hookline-http-'));
const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const good = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const origins = {
  ...secretOrigins,
  environment: { GOOD: good, EMPTY: ' ', SHORT: `whsec_${Buffer.alloc(23).toString('base64')}`, BARE: good.slice(6) },
};
const untold: FileEvents = { fileTaken: () => {}, fileRefused: () => {} };
const nobody: Outbound = {
  send: () => Promise.reject(new Error('nothing is sent here')),
  close: () => Promise.resolve(),
};

describe('routes, secrets and authorities', () => {
  it('that are right make the two kinds', () => {
    const config = {
      outboundAllow: ['10.0.0.0/8'],
      caFile: undefined,
      routesFile: file('routes.json', [
        { name: 'ci', on: ['*'], forward: 'http://10.1.2.3/hook', secretFile: file('secret', 'shh\n') },
        { name: 'log', on: ['push'], forward: 'https://log.example/' },
      ]),
      signingSecretsFile: file('signing.json', [
        { name: 'billing', secretEnv: 'GOOD' },
        { name: 'chat', secretFile: file('chat', `${good}\n`) },
      ]),
    };
    expect(httpProblems(config, origins)).toEqual([]);
    const { kinds } = createHttpKinds(config, { outbound: nobody, clock: systemClock }, untold, origins);
    expect(kinds.map(({ name }) => name)).toEqual(['http.post', 'http.forward']);
  });

  it('need not be there at all', () => {
    const config = { outboundAllow: [], routesFile: undefined, signingSecretsFile: undefined };
    expect(httpProblems(config)).toEqual([]);
    expect(createHttpKinds(config, { outbound: nobody, clock: systemClock }, untold).kinds).toHaveLength(2);
  });

  it('that are wrong are named at once, and no secret is', () => {
    const missing = join(folder, 'missing');
    const config = {
      outboundAllow: [],
      caFile: missing,
      attemptDeadlineMs: 10_000,
      routesFile: file('wrong-routes.json', [
        { name: 'a', on: ['*'], forward: 'http://0x7f.1/', secretEnv: 'UNSET' },
        { name: 'b', on: ['*'], forward: 'https://b.example/', secretEnv: 'EMPTY', timeoutMs: 10_001 },
        { name: 'c', on: ['*'], forward: 'http://[::1]:80/', secretFile: missing },
      ]),
      signingSecretsFile: file('wrong-signing.json', [
        { name: 'a', secretEnv: 'SHORT' },
        { name: 'a', secretEnv: 'BARE' },
        { name: 'b', secret: good },
        { name: 'c', secretEnv: 'UNSET' },
        { name: 'd', secretEnv: 'GOOD', secretFile: missing },
        { secretEnv: 'GOOD' },
      ]),
    };
    const wanted = 'does not lead to a secret of Standard Webhooks: whsec_ and the base64 of 24 to 64 bytes.';
    const place = `HOOKLINE_SIGNING_SECRETS_FILE (${config.signingSecretsFile}): `;
    const noFile = `no such file or directory, open '${missing}'`;
    expect(httpProblems(config, origins)).toEqual([
      `HOOKLINE_CA_FILE is ${JSON.stringify(missing)}: ENOENT: ${noFile}.`,
      'The route "a" forwards to an address that is not allowed: 127.0.0.1 is loopback. Add it to HOOKLINE_OUTBOUND_ALLOW if it is yours.',
      'The route "a": its secretEnv names the variable UNSET, which is not set.',
      'The route "b": its timeoutMs is 10001, and no attempt may take longer than HOOKLINE_EFFECT_DEADLINE_MS (10000).',
      'The route "b": its secretEnv leads to a secret that is empty, with which everybody can sign.',
      'The route "c" forwards to an address that is not allowed: ::1 is loopback. Add it to HOOKLINE_OUTBOUND_ALLOW if it is yours.',
      `The route "c": its secretFile names a file that cannot be read (ENOENT: ${noFile}).`,
      `${place}[0].secretEnv ${wanted}`,
      `${place}[1].secretEnv ${wanted}`,
      `${place}[2].secret is not known; known are name, secretFile, secretEnv.`,
      `${place}[2] has no secretFile or secretEnv.`,
      `${place}[3].secretEnv names the variable UNSET, which is not set.`,
      `${place}[4] has both secretFile and secretEnv.`,
      `${place}[5].name is missing.`,
      `${place}Two secrets have the name "a".`,
    ]);
    const sender = { outbound: nobody, clock: systemClock };
    expect(() => createHttpKinds(config, sender, untold, origins)).toThrow('Two secrets have the name "a".');
    const { routesFile } = config;
    expect(() =>
      createHttpKinds({ routesFile, outboundAllow: [], signingSecretsFile: undefined }, sender, untold),
    ).toThrow('::1');
  });

  it('must be in files that can be read', () => {
    const missing = join(folder, 'missing');
    expect(httpProblems({ outboundAllow: [], routesFile: missing, signingSecretsFile: missing })).toEqual([
      `HOOKLINE_ROUTES_FILE names a file that cannot be read: ENOENT: no such file or directory, open '${missing}'.`,
      `HOOKLINE_SIGNING_SECRETS_FILE names a file that cannot be read: ENOENT: no such file or directory, open '${missing}'.`,
    ]);
  });

  it('of a configuration that is wrong by itself are judged as far as they are there', () => {
    expect(httpProblems({})).toEqual([]);
  });
});

describe('routes and secrets that change', () => {
  it('hold from then on; what is wrong is refused whole, told once, and what was before stays', async () => {
    const sent: OutboundRequest[] = [];
    const told: unknown[] = [];
    const outbound: Outbound = {
      send(request) {
        sent.push(request);
        return Promise.resolve({ success: true, status: 204, headers: {}, body: Buffer.alloc(0), complete: true });
      },
      close: () => Promise.resolve(),
    };
    const secretFile = file('rotated', 'first');
    const route = { name: 'ci', on: ['*'], forward: 'https://ci.example/one', secretFile };
    const routesFile = file('live-routes.json', [route]);
    const signingSecretsFile = file('live-signing.json', []);
    const { kinds, reload } = createHttpKinds(
      { outboundAllow: [], routesFile, signingSecretsFile },
      { outbound, clock: systemClock },
      {
        fileTaken: (variable) => void told.push(variable),
        fileRefused: (variable, problems) => void told.push([variable, problems.length]),
      },
      origins,
    );
    const body = Buffer.from('{}');
    const forward = async (): Promise<unknown> => {
      const effect = aJob({ kind: 'http.forward', request: { route: 'ci' }, headers: {}, body });
      await kinds.find(({ name }) => name === 'http.forward')?.send(effect, anAttempt());
      const { url, headers } = sent.at(-1) as OutboundRequest;
      return [url, ['first', 'second'].find((secret) => headers['x-hub-signature-256'] === sign(body, secret))];
    };
    const post = async (): Promise<unknown> => {
      const request = { url: 'https://pay.example/', body: '{}', headers: {}, signWith: 'billing' };
      const result = await kinds
        .find(({ name }) => name === 'http.post')
        ?.send(aJob({ kind: 'http.post', request }), anAttempt());
      return result?.outcome;
    };
    reload();
    expect([await forward(), told]).toEqual([['https://ci.example/one', 'first'], []]);
    expect(await post()).toBe('failed');
    file('rotated', 'second');
    reload();
    expect([await forward(), told]).toEqual([['https://ci.example/one', 'second'], ['HOOKLINE_ROUTES_FILE']]);
    file('live-routes.json', [{ ...route, forward: 'http://127.0.0.1/', on: [] }]);
    for (let n = 0; n < 3; n++) reload();
    expect([await forward(), told.splice(0)]).toEqual([
      ['https://ci.example/one', 'second'],
      ['HOOKLINE_ROUTES_FILE', ['HOOKLINE_ROUTES_FILE', 1]],
    ]);
    file('live-routes.json', [{ ...route, forward: 'https://ci.example/two' }]);
    file('live-signing.json', [{ name: 'billing', secretEnv: 'GOOD' }]);
    reload();
    expect([await forward(), told]).toEqual([
      ['https://ci.example/two', 'second'],
      ['HOOKLINE_SIGNING_SECRETS_FILE', 'HOOKLINE_ROUTES_FILE'],
    ]);
    expect(await post()).toBe('sent');
  });
});
