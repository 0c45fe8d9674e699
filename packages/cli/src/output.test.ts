import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { outliveReaders } from './output.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

// As in `hookline deliveries list | head`. A stack of Node would hide what the command has said, and its exit code.
describe('a reader that goes away', () => {
  /** Runs a command of which nobody reads this stream; resolves to its exit code and what it said on the other one. */
  async function unread(which: 'stdout' | 'stderr', ...args: string[]) {
    const { PATH, NODE_V8_COVERAGE } = process.env;
    const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
    const child = spawn(process.execPath, [...flags, MAIN, ...args], {
      cwd: tmpdir(),
      env: { PATH, ...(NODE_V8_COVERAGE && { NODE_V8_COVERAGE }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child[which].destroy();
    const other = which === 'stdout' ? child.stderr : child.stdout;
    const [said, [exitCode]] = await Promise.all([text(other), once(child, 'close') as Promise<[number | null]>]);
    return { exitCode, said };
  }

  it('of data leaves the command what it is: nothing is said, and it succeeds', async () => {
    expect(await unread('stdout', 'send', '--list')).toEqual({ exitCode: 0, said: '' });
  });

  it('of problems leaves the exit code what it is', async () => {
    expect(await unread('stderr', 'nonsense')).toEqual({ exitCode: 2, said: '' });
  });

  it('is all that is outlived: a full disk is not', () => {
    const stream = new PassThrough();
    outliveReaders(stream);
    expect(() => stream.emit('error', Object.assign(new Error('full'), { code: 'ENOSPC' }))).toThrow('full');
  });
});
