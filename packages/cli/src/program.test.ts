import { describe, expect, it } from '@jest/globals';
import { VERSION } from '@hookline/contracts';
import type { Output } from './output.ts';
import { runProgram } from './program.ts';
import { runHere } from './testing/run-here.ts';
import { runHookline } from './testing/run-hookline.ts';

describe('hookline', () => {
  it('prints its help on stdout when asked, and succeeds', async () => {
    for (const [args, run] of [
      [['--help'], runHookline],
      [['help'], runHere],
      [['-h'], runHere],
    ] as const) {
      const { exitCode, stdout, stderr } = await run(args, {});
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toContain('Usage: hookline');
      expect(stdout).toMatch(/^ +migrate /m);
      expect(stdout).toMatch(/^ +topics /m);
      expect(stdout).toContain('HOOKLINE_DATABASE_URL');
      expect(stdout).toContain('.hookline/local.json');
    }
  });

  it('prints its version, as the services do', async () => {
    const { exitCode, stdout } = await runHookline(['--version']);
    expect({ exitCode, stdout: stdout.trim() }).toEqual({ exitCode: 0, stdout: VERSION });
  });

  it('prints the help of one command', async () => {
    const { exitCode, stdout } = await runHere(['migrate', 'down', '--help'], {});
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Usage: hookline migrate down');
    expect(stdout).toMatch(/--yes +do not ask/);
  });

  it.each([
    [[], 'Usage: hookline'],
    [['migrate'], 'Usage: hookline migrate'],
    [['nonsense'], "error: unknown command 'nonsense'"],
    [['migrate', 'sideways'], "error: unknown command 'sideways'"],
    [['migrate', 'status', '--nonsense'], "error: unknown option '--nonsense'"],
    [['migrate', 'up', 'nonsense'], 'error: too many arguments'],
    [['topics', 'chek'], 'Did you mean check?'],
  ])('tells %j from a command on stderr, with exit code 2 and nothing on stdout', async (args, told) => {
    const { exitCode, stdout, stderr } = await runHere(args, {});
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(told);
  });

  it('ends as a process does with the same code and words', async () => {
    const args = ['topics', 'chek'];
    expect(await runHookline(args)).toEqual(await runHere(args, {}));
  });

  it('names every wrong setting at once, each with what is wanted, and attempts nothing', async () => {
    const { exitCode, stdout, stderr } = await runHere(['topics', 'create'], {
      HOOKLINE_REGISTRY_URL: 'ftp://registry',
      HOOKLINE_TOPIC_PARTITIONS: 'many',
      HOOKLINE_TOPIC_REPLICATION_FACTOR: '0',
      HOOKLINE_TOPIC_RETENTION_MS: 'for ever',
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^The settings are wrong:\n/);
    const problems = stderr.trim().split('\n').slice(1, -1);
    expect(problems.map((problem) => String(/HOOKLINE_[A-Z_]+/.exec(problem))).toSorted()).toEqual([
      'HOOKLINE_DATABASE_URL',
      'HOOKLINE_KAFKA_BROKERS',
      'HOOKLINE_REGISTRY_URL',
      'HOOKLINE_TOPIC_PARTITIONS',
      'HOOKLINE_TOPIC_REPLICATION_FACTOR',
      'HOOKLINE_TOPIC_RETENTION_MS',
    ]);
    for (const problem of problems) expect(problem).toMatch(/^ {2}- /);
    expect(stderr.trim()).toMatch(/\nThere is no .*: npm start makes one\.$/);
  });

  it('refuses more copies in sync than there are: such a topic would take no record, ever', async () => {
    const { exitCode, stderr } = await runHere(['topics', 'create'], {
      HOOKLINE_KAFKA_BROKERS: '127.0.0.1:1',
      HOOKLINE_REGISTRY_URL: 'http://127.0.0.1:1',
      HOOKLINE_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      HOOKLINE_TOPIC_REPLICATION_FACTOR: '1',
    });
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'The settings are wrong:\n' +
        '  - HOOKLINE_TOPIC_MIN_IN_SYNC_REPLICAS is 2, more than HOOKLINE_TOPIC_REPLICATION_FACTOR, 1.\n',
    );
  });

  it('never shows a password', async () => {
    const { exitCode, stdout, stderr } = await runHookline(['migrate', 'status'], {
      HOOKLINE_DATABASE_URL: 'mysql://hookline:hunter2@127.0.0.1:1/none',
    });
    expect(exitCode).toBe(2);
    expect(stdout + stderr).toContain('HOOKLINE_DATABASE_URL');
    expect(stdout + stderr).not.toContain('hunter2');
  });
});

describe('a problem that nobody foresaw', () => {
  const told: string[] = [];
  const failing = (thrown: unknown): Output => ({
    data: () => {
      throw thrown;
    },
    progress: (text) => void told.push(text),
  });

  it.each([
    [new TypeError('a bug'), 'a bug'],
    [new Error(''), 'Error'],
    ['a text', 'a text'],
  ])('is told, with exit code 1', async (thrown, expected) => {
    told.length = 0;
    expect(await runProgram(['--help'], failing(thrown))).toBe(1);
    expect(told).toEqual([expected]);
  });
});
