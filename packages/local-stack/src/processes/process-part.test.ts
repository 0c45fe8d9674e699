import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@hookline/test-support';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort, releasePort } from '../free-ports.ts';
import { processPart } from './process-part.ts';

// That real servers run as parts is shown by stack-contract.ts; here is a small one whose process id is known.
describe('a part whose process ends', () => {
  let directory: string;
  let port: number;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hookline-part-'));
    port = await freePort();
  });
  afterEach(async () => {
    releasePort(port);
    await rm(directory, { recursive: true, force: true });
  });

  it('tells so, unless it was asked to', async () => {
    const told: string[] = [];
    const pidFile = join(directory, 'pid');
    const part = processPart({
      name: 'small',
      port,
      directory,
      onPartEnd: (message) => told.push(message),
      stopSignal: 'SIGTERM',
      prepare: async () => {},
      command: () => ({
        program: 'sh',
        args: ['-c', `echo last words; echo $$ > ${pidFile}; exec sleep 600`],
        cwd: directory,
      }),
      answers: async () => (await readFile(pidFile, 'utf8')).endsWith('\n'),
    });
    await part.start();
    process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGKILL');
    await until('the end to be told', () => told.length > 0, 10_000);
    expect(told).toEqual([
      expect.stringMatching(/^small ended by itself \(signal SIGKILL\)\. End of .*:\n {4}last words$/),
    ]);

    await rm(pidFile);
    await part.start();
    await part.stop();
    await rm(pidFile);
    await part.start();
    await part.kill();
    expect(told).toHaveLength(1);
  });
});
