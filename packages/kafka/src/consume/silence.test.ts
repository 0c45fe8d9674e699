import { describe, expect, it } from '@jest/globals';
import { Silence } from './silence.ts';

const ALL = 'it has given no sign of life for 1000 ms';

/** Looks so often; gives what the last look said. */
function look(silence: Silence, times: number): string | null {
  let said: string | null = null;
  for (let left = times; left > 0; left -= 1) said = silence.tick();
  return said;
}

describe('the silence of a client', () => {
  it('is told after ten periods without a sign, and not before', () => {
    const silence = new Silence(1000);
    expect(silence.periodMs).toBe(100);
    expect(look(silence, 10)).toBeNull();
    expect(look(silence, 1)).toBe(ALL);
  });

  it('begins anew with each sign', () => {
    const silence = new Silence(1000);
    look(silence, 10);
    silence.sign();
    expect(look(silence, 10)).toBeNull();
    silence.fetchBegan(1);
    silence.fetchEnded(1);
    expect(look(silence, 10)).toBeNull();
    expect(look(silence, 1)).toBe(ALL);
  });

  // The other broker's fetches go on, and with them the heartbeats: nothing else would ever tell.
  it('is told of one broker while another one answers', () => {
    const silence = new Silence(1000);
    silence.fetchBegan(1);
    const said: (string | null)[] = [];
    for (let looks = 0; looks < 11; looks += 1) {
      silence.fetchBegan(2);
      silence.fetchEnded(2);
      said.push(silence.tick());
    }
    expect(said.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => null));
    expect(said[10]).toBe('a fetch from broker 1 has not ended for 1000 ms');
  });

  it('is not that of a fetch which failed before the group was joined again', () => {
    const silence = new Silence(1000);
    silence.fetchBegan(1);
    silence.fetchesEnded();
    for (let looks = 0; looks < 20; looks += 1) {
      silence.sign();
      expect(silence.tick()).toBeNull();
    }
  });
});
