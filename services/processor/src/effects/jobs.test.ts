import { createHash, randomUUID } from 'node:crypto';
import { JOB_EVENT, JOB_SOURCE, type Delivery, type Job } from '@hookline/contracts';
import { aDelivery } from '@hookline/test-support';
import { describe, expect, it } from '@jest/globals';
import type { Handler } from '@hookline/handlers';
import { ownStories } from '../testing/own-stories.ts';
import type { Story } from '../testing/story.ts';

const { world, story } = ownStories();

/** The record of a job, as a relay appends it; its GUID is the effect's id. */
function jobRecord(job: string, payload: unknown, effectId: string = randomUUID()): Delivery {
  const cause = { guid: randomUUID(), event: 'push', action: null, source: 'main', handler: 'asks' };
  const body = Buffer.from(JSON.stringify({ job, payload, cause } satisfies Job));
  return {
    ...aDelivery({ repository: 1 }),
    ...{ source: JOB_SOURCE, dedupScope: JOB_SOURCE, event: JOB_EVENT, action: job, guid: effectId, secretLabel: '' },
    headers: { 'content-type': 'application/json' },
    digest: createHash('sha256').update(body).digest(),
    body,
  };
}

/** Runs the job `sync`, and asks for an effect of each. */
function begin(failing = new Set<string>()): { one: Story; ran: unknown[] } {
  const ran: unknown[] = [];
  const sync: Handler = {
    kind: 'delivery',
    name: 'sync',
    on: [`${JOB_EVENT}.sync`],
    run({ payload }, { effects }) {
      ran.push((payload as Job).payload);
      effects.add('test', payload);
      return failing.has('sync') ? Promise.reject(new Error('no')) : Promise.resolve();
    },
  };
  return { one: story({ handlers: [sync] }), ran };
}

async function asked({ fence }: Story): Promise<unknown[]> {
  const { rows } = await world().database.query<{ payload: unknown }>(
    `select request->'payload' as payload from hookline.outbox where kafka_partition = $1 order by position`,
    [fence().partition],
  );
  return rows.map(({ payload }) => payload);
}

describe('jobs', () => {
  it('run once, although a relay has appended one twice', async () => {
    const { one, ran } = begin();
    const job = jobRecord('sync', { repository: 1 });
    await one.log([world().read(0, job), world().read(1, job)], [world().read(2, job)]);
    expect(ran).toEqual([{ repository: 1 }]);
    expect(await asked(one)).toEqual([{ repository: 1 }]);
    expect(await one.audit('log')).toEqual(['0 processed', '1 duplicate', '2 duplicate']);
  });

  it('run each, although two of one handler are alike: neither is a replay of the other', async () => {
    const { one, ran } = begin();
    const job = jobRecord('sync', 'all');
    await one.log([world().read(0, job), world().read(1, { ...job, guid: randomUUID() })]);
    expect(ran).toEqual(['all', 'all']);
    expect(await one.audit('log')).toEqual(['0 processed', '1 processed repeated-payload']);
  });

  it('wait, in order, in the lane of their repository while one fails', async () => {
    const failing = new Set(['sync']);
    const { one, ran } = begin(failing);
    await one.log([world().read(0, jobRecord('sync', 0))], [world().read(1, jobRecord('sync', 1))]);
    expect(await asked(one)).toEqual([]);
    failing.clear();
    ran.length = 0;
    await one.lanes();
    expect(ran).toEqual([0, 1]);
    expect(await asked(one)).toEqual([0, 1]);
  });

  it('that nothing asks for claim nothing', async () => {
    const { one } = begin();
    await one.log([world().read(0, jobRecord('other', 0))]);
    expect(await one.audit('log')).toEqual(['0 ignored']);
  });
});
