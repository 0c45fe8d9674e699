import { createHash } from 'node:crypto';
import { partitionOf } from '@hookline/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { controlWorld, PARTITIONS, type ControlWorld } from './testing/control-world.ts';
import { effectId, guid } from './testing/put-rows.ts';

let world: ControlWorld;

beforeEach(async () => {
  world = await controlWorld();
});
afterEach(() => world.drop());

const key = (number: number) => `github.com/repository/${number}`;
const WHY = ['--why', 'the label is back'];
const GO = [...WHY, '--yes', '--rate', '0', '--wait', '0'];

/** An effect of a repository, dead unless it is said. */
async function effect(number: number, repository = 1, given: Record<string, unknown> = {}): Promise<void> {
  await world.put('outbox', {
    effect_id: effectId(number),
    kafka_partition: partitionOf(key(repository), PARTITIONS),
    ordering_key: key(repository),
    queue: '',
    kind: 'github.comment',
    handler: 'welcome',
    effect_key: '#0',
    source: 'main',
    dedup_scope: 'main',
    guid: guid(number),
    digest: createHash('sha256').update(String(number)).digest(),
    event: 'issues',
    incarnation: 1,
    kafka_offset: number,
    request: {},
    state: 'dead',
    reason: 'exhausted',
    error: 'no such label',
    attempts: 8,
    total_attempts: 8,
    ...given,
  });
}

interface Result {
  bulkId: string;
  written: number;
  before: number;
  applied: number;
  refused: number;
  pending: number;
}
const resultOf = (stdout: string) => JSON.parse(stdout) as Result;
const commands = async () => (await world.logged()).map(({ control }) => `${control.command} ${control.effectId}`);

describe('a decision about dead effects', () => {
  it('shows a plan and asks; nothing is written without an answer', async () => {
    await effect(1);
    await effect(2);
    await effect(3, 2, { reason: 'ambiguous', handler: 'route:ci', kind: 'http.forward', error: 'socket hang up' });
    await effect(4, 3, { state: 'waiting', reason: null });
    const { exitCode, stderr } = await world.hookline(['effects', 'redrive', '--handler', 'welcome', ...WHY]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Sent after all: 2 dead effects of 1 key in 1 partition.');
    expect(stderr).toMatch(/^ +2 +1 +github\.comment +welcome +exhausted +no such label$/m);
    expect(stderr).not.toContain('nobody knows');
    expect(stderr).toContain('Add --yes');
    const all = await world.hookline(['effects', 'redrive', '--reason', 'ambiguous', ...WHY]);
    expect(all.stderr).toContain('Of the ambiguous ones nobody knows whether they have taken effect');
    expect(await world.logged()).toEqual([]);
  });

  it('is a record for each, under its key, with the attempts that were seen', async () => {
    await effect(1);
    await effect(2, 2, { kind: 'http.post' });
    const { exitCode, stdout } = await world.hookline(['effects', 'discard', '--kind', 'http.post', '--json', ...GO]);
    expect(exitCode).toBe(0);
    expect(resultOf(stdout)).toMatchObject({ written: 1, before: 0, pending: 1 });
    expect(await world.logged()).toMatchObject([
      {
        key: key(2),
        partition: partitionOf(key(2), PARTITIONS),
        control: { command: 'discard-effect', actor: 'ada', state: 'dead', effectId: effectId(2), generation: 8 },
      },
    ]);
  });

  it('takes ids, in capitals too, and leaves alone what is not dead', async () => {
    for (const number of [1, 2, 3]) await effect(number);
    await effect(4, 1, { state: 'waiting', reason: null });
    const ids = [1, 3, 4].map((number) => effectId(number).toUpperCase());
    await world.hookline(['effects', 'redrive', ...ids, ...GO]);
    expect(await commands()).toEqual([1, 3].map((number) => `redrive-effect ${effectId(number)}`));
  });

  it('is in the order of positions for each key, over many pages', async () => {
    const numbers = Array.from({ length: 1100 }, (_, i) => (i * 7) % 1100);
    for (const number of numbers) await effect(number, number % 3);
    const { exitCode } = await world.hookline(['effects', 'redrive', '--reason', 'exhausted', ...GO]);
    expect(exitCode).toBe(0);
    const logged = await world.logged();
    expect(logged).toHaveLength(1100);
    for (const [of, records] of Map.groupBy(logged, (record) => record.key)) {
      const due = numbers.filter((number) => key(number % 3) === of).map(effectId);
      expect(records.map(({ control }) => control.effectId)).toEqual(due);
    }
  }, 60_000);

  it('goes on where it was stopped, and decides nothing twice, though it was redriven and is dead again', async () => {
    for (const number of [1, 2, 3]) await effect(number);
    const first = await world.hookline(['effects', 'redrive', '--key', key(1), '--json', ...GO]);
    const { bulkId } = resultOf(first.stdout);
    const ids = (await world.logged()).map(({ control }) => control.commandId);
    await world.settle(ids, 'applied');
    await world.database.query(
      `update hookline.outbox set total_attempts = 16, position = nextval('hookline.outbox_position_seq')`,
    );
    const again = await world.hookline(['effects', 'redrive', '--key', key(1), '--json', '--bulk', bulkId, ...GO]);
    expect(resultOf(again.stdout)).toMatchObject({ bulkId, written: 0, before: 3 });
    const anew = await world.hookline(['effects', 'redrive', '--key', key(1), '--json', ...GO]);
    expect(resultOf(anew.stdout)).toMatchObject({ written: 3, before: 0 });
  });

  it('is given nothing to do where none is dead, and must say which', async () => {
    await effect(1, 1, { state: 'waiting', reason: null });
    const none = await world.hookline(['effects', 'redrive', '--key', key(1), ...GO]);
    expect(none).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('No effect fits that is dead now.') });
    const all = await world.hookline(['effects', 'discard', ...GO]);
    expect(all).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Say which:') });
  });
});
