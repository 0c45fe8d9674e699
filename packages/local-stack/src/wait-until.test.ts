import { describe, expect, it } from '@jest/globals';
import { waitUntil } from './wait-until.ts';

describe('waitUntil', () => {
  it('asks again until the answer is true', async () => {
    const answers = [false, new Error('not yet'), true];
    await waitUntil('it', 10_000, () => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer === true;
    });
    expect(answers).toEqual([]);
  });

  it('gives up in time, with the last error as the cause', async () => {
    const cause = new Error('refused');
    const waiting = waitUntil('the server', 100, () => Promise.reject(cause));
    await expect(waiting).rejects.toMatchObject({ message: 'the server: not within 0.1 s', cause });
  });

  it('gives up at once for a reason', async () => {
    const waiting = waitUntil(
      'the server',
      60_000,
      () => false,
      () => 'ended with exit code 1',
    );
    await expect(waiting).rejects.toThrow('the server: ended with exit code 1');
  });

  it('believes a reason to give up more than a success: who answers may be another', async () => {
    const waiting = waitUntil(
      'the server',
      60_000,
      () => true,
      () => 'ended with exit code 1',
    );
    await expect(waiting).rejects.toThrow('the server: ended with exit code 1');
  });
});
