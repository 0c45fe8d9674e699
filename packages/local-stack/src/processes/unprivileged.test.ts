import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { invokeAs, unprivilegedAccount } from './unprivileged.ts';

const ACCOUNT = { uid: 1234, gid: 1234 };

// That PostgreSQL then runs, root or not, is shown by stack-contract.ts: its data directories are closed ones.
describe('PostgreSQL under an account', () => {
  const path = process.env['PATH'];
  let closed: string;
  beforeEach(async () => {
    closed = await mkdtemp(join(tmpdir(), 'hookline-closed-'));
    await writeFile(join(closed, 'data'), '');
  });
  afterEach(async () => {
    process.env['PATH'] = path;
    await rm(closed, { recursive: true, force: true });
  });

  it('is our own, unless we are root', async () => {
    expect(await unprivilegedAccount(1000)).toBeUndefined();
    expect(await invokeAs(undefined, '/bin/sh', ['-c', ':'], [closed])).toEqual({
      program: '/bin/sh',
      args: ['-c', ':'],
    });
  });

  it('is nobody where we are root', async () => {
    const account = await unprivilegedAccount(0);
    expect(account?.uid).toBeGreaterThan(0);
    expect(account?.gid).toBeGreaterThan(0);
  });

  it('is simply that one where it may enter', async () => {
    const { program, uid } = await invokeAs(ACCOUNT, '/bin/sh', [], [tmpdir()]);
    expect([program, uid]).toEqual(['/bin/sh', 1234]);
  });

  it('keeps the right to pass where it may not enter', async () => {
    const { program, args, uid } = await invokeAs(ACCOUNT, '/bin/sh', ['-c', ':'], [join(closed, 'data')]);
    expect([program, uid]).toEqual(['setpriv', undefined]);
    expect(args.slice(-3)).toEqual(['/bin/sh', '-c', ':']);
    expect(args).toContain('--reuid=1234');
  });

  it('that cannot be had is told with what to do', async () => {
    process.env['PATH'] = closed;
    await expect(unprivilegedAccount(0)).rejects.toThrow(/no account "nobody"\. Run as another user, or use Docker\./);
    const invoking = invokeAs(ACCOUNT, '/bin/sh', [], [join(closed, 'data')]);
    await expect(invoking).rejects.toThrow(`Run "chmod o+x ${closed}", or clone Hookline elsewhere, or use Docker.`);
  });
});
