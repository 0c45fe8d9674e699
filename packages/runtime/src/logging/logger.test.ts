import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logger.ts';
import type { LogLevel } from './logger.ts';

function capture(level: LogLevel = 'info') {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { lines, logger: createLogger({ service: 'test', level, destination: { write } }) };
}

describe('a log line', () => {
  it('has ISO time, the name of the level, the service and the message', () => {
    const { lines, logger } = capture();
    logger.debug('not this one');
    logger.warn({ partition: 3 }, 'behind');
    expect(lines).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        service: 'test',
        partition: 3,
        msg: 'behind',
      },
    ]);
  });

  it('shows no secret, down to two levels, and no password of the database', () => {
    const { lines, logger } = capture();
    logger.info({
      password: 's3cret',
      request: { headers: { authorization: 's3cret', 'x-hub-signature-256': 's3cret' }, token: 's3cret' },
      source: { secrets: ['s3cret'] },
      databaseUrl: 'postgresql://u:s3cret@h/d',
      config: { databaseUrl: { parsed: 's3cret' } },
    });
    expect(JSON.stringify(lines)).not.toContain('s3cret');
    expect(lines[0]).toMatchObject({ databaseUrl: 'postgresql://u:***@h/d', config: { databaseUrl: '***' } });
  });

  it('tells an error with its code and the chain of its causes, and nothing else that a driver hung on it', () => {
    const { lines, logger } = capture();
    const driver = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (name)=(Jane) exists.' });
    logger.error({ err: new TypeError('insert failed', { cause: driver }) }, 'oops');
    expect(lines[0]?.err).toEqual({
      type: 'TypeError',
      message: 'insert failed',
      stack: expect.stringContaining('logger.test.ts'),
      cause: { type: 'Error', message: 'duplicate key', code: '23505', stack: expect.any(String) },
    });
  });
});
