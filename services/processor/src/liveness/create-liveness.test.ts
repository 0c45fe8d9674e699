import { describe, expect, it } from '@jest/globals';
import type { OwnedPartition, ReadRecord } from '@hookline/kafka';
import type { Halts } from '../halts/halt.ts';
import { createTurn } from '../partition/turn.ts';
import { createLiveness } from './create-liveness.ts';
import { excusingHalts, excusingTurn } from './excuses.ts';

const STUCK_MS = 10_000;
const RECORD = { offset: 0n } as ReadRecord;

/** A liveness whose time, fetch loop and work a test drives. */
function setUp() {
  let now = 0;
  const loop = { wanted: true, turns: 0 };
  const clock = { now: () => now, monotonic: () => now };
  const liveness = createLiveness({ clock, periodMs: 1000, stuckMs: STUCK_MS, fetchLoop: () => ({ ...loop }) });
  liveness.tick();
  /** Seconds pass, one tick each. */
  function pass(seconds: number, { turning = true, sign }: { turning?: boolean; sign?: number } = {}) {
    for (let i = 0; i < seconds; i++) {
      now += 1000;
      if (turning) loop.turns += 1;
      if (sign !== undefined) liveness.note(sign);
      liveness.tick();
    }
  }
  const sleep = (ms: number) => (now += ms);
  return { liveness, loop, pass, sleep };
}

/** Work on a partition that takes one record and settles when told. */
function working(liveness: ReturnType<typeof setUp>['liveness'], partition: number) {
  const lost = new AbortController();
  const arriving = Promise.withResolvers<ReadRecord[]>();
  const ending = Promise.withResolvers<void>();
  const owned = { partition, signal: lost.signal, take: () => arriving.promise } as unknown as OwnedPartition;
  const ended = liveness.watch(owned, async ({ take }) => {
    await take({ records: 1, bytes: 1 });
    await ending.promise;
  });
  const arrive = async () => {
    arriving.resolve([RECORD]);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const end = async () => {
    ending.resolve();
    await ended;
  };
  return { arrive, end, lose: () => lost.abort(), signal: lost.signal };
}

describe('createLiveness', () => {
  it('is fine without assignment, without lag, and while the loop is not wanted', async () => {
    const { liveness, loop, pass } = setUp();
    pass(100);
    expect(liveness.probe()).toBe(true);
    loop.wanted = false;
    pass(100, { turning: false });
    expect(liveness.probe()).toBe(true);
    const { arrive, end } = working(liveness, 1);
    pass(100);
    expect(liveness.probe()).toBe(true);
    await arrive();
    await end();
    pass(100);
    expect(liveness.probe()).toBe(true);
  });

  it('fails when the loop stands still though it is wanted, and is well again when it turns', () => {
    const { liveness, loop, pass } = setUp();
    loop.wanted = false;
    pass(100, { turning: false });
    loop.wanted = true;
    pass(9, { turning: false });
    expect(liveness.probe()).toBe(true);
    pass(3, { turning: false });
    expect(liveness.probe()).toContain('The log has not been read');
    pass(1);
    expect(liveness.probe()).toBe(true);
  });

  it('fails when a partition has records in hand and gives no sign of life', async () => {
    const { liveness, pass } = setUp();
    const { arrive, end } = working(liveness, 1);
    await arrive();
    pass(100, { sign: 1 });
    expect(liveness.probe()).toBe(true);
    pass(11, { sign: 2 });
    expect(liveness.probe()).toContain('Partition 1 has records in hand');
    await end();
    expect(liveness.probe()).toBe(true);
  });

  it('excuses what waits for a human', async () => {
    const { liveness, pass } = setUp();
    const { arrive } = working(liveness, 1);
    await arrive();
    const human = Promise.withResolvers<'RESUMED'>();
    const halts = excusingHalts({ wait: () => human.promise } as unknown as Halts, liveness);
    const place = { consumerGroup: 'g', topic: 't', partition: 1, epoch: 1n };
    const halt = { reason: 'LOG_DIFFERS', detail: '', nextOffset: 1n } as const;
    const waiting = halts.wait(place, halt, new AbortController().signal);
    pass(100);
    expect(liveness.probe()).toBe(true);
    human.resolve('RESUMED');
    expect(await waiting).toBe('RESUMED');
    pass(9);
    expect(liveness.probe()).toBe(true);
    pass(3);
    expect(liveness.probe()).not.toBe(true);
  });

  it('excuses who waits for the turn of all partitions, not who has it', async () => {
    const { liveness, pass } = setUp();
    const turn = excusingTurn(createTurn(), liveness);
    const [one, other] = [working(liveness, 1), working(liveness, 2)];
    await one.arrive();
    await other.arrive();
    const giveBack = await turn.take(one.signal);
    const waiting = turn.take(other.signal);
    pass(100, { sign: 1 });
    expect(liveness.probe()).toBe(true);
    pass(11);
    expect(liveness.probe()).toContain('Partition 1 has');
    giveBack();
    (await waiting)();
    await one.end();
    pass(11);
    expect(liveness.probe()).toContain('Partition 2 has');
  });

  // The next work on the partition waits for its end, in this process.
  it('gives what was lost to another member time to end, but not for ever', async () => {
    const { liveness, pass } = setUp();
    const { arrive, lose, end } = working(liveness, 1);
    await arrive();
    pass(9);
    lose();
    pass(9);
    expect(liveness.probe()).toBe(true);
    pass(3);
    expect(liveness.probe()).not.toBe(true);
    await end();
    expect(liveness.probe()).toBe(true);
  });

  // SIGSTOP, a virtual machine that moves, a laptop that sleeps: the first probe afterwards must not end the process.
  it('does not count the time for which the process did not run', async () => {
    const { liveness, pass, sleep } = setUp();
    const { arrive } = working(liveness, 1);
    await arrive();
    sleep(3_600_000);
    pass(1, { turning: false });
    expect(liveness.probe()).toBe(true);
    pass(7, { turning: false });
    expect(liveness.probe()).toBe(true);
    pass(2, { turning: false });
    expect(liveness.probe()).not.toBe(true);
  });
});
