import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createOutbound } from '@hookline/outbound';
import { describe, expect, it } from '@jest/globals';
import { githubKinds, readGithubCredentials } from '../effects/index.ts';
import { aComment, anAttempt } from '../testing/github-world.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));

describe('the stand-in as a program', () => {
  it('writes the credentials that effects are sent with, and ends when it is told to', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hookline-stand-in-'));
    const options = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
    const child = spawn(
      process.execPath,
      [...options, program, `--directory=${directory}`, '--namespace=github.test'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const exited = once(child, 'exit');
    const outbound = createOutbound({
      ...{
        outboundAllow: ['127.0.0.1'],
        caFile: undefined,
        httpProxy: undefined,
        httpsProxy: undefined,
        noProxy: undefined,
      },
    });
    try {
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
      const { url, app } = JSON.parse(line) as { url: string; app: string };
      expect(app).toBe('hookline');
      const read = readGithubCredentials(join(directory, 'github.json'));
      if (!read.success) throw new Error(read.problems.join('\n'));
      const [comment] = githubKinds({ credentials: read.credentials, outbound });
      const effect = aComment('Hello', { namespace: 'github.test' });
      expect(await comment?.send(effect, anAttempt(effect))).toMatchObject({ outcome: 'sent' });
      const acts = await fetch(`${url}/_stand-in/acts`);
      expect(await acts.json()).toMatchObject([{ effect: effect.effectId, by: 'hookline[bot]' }]);
    } finally {
      await outbound.close();
      child.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
      rmSync(directory, { recursive: true });
    }
  });
});
