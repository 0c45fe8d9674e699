import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import type { Database } from '../database.ts';
import { fenceApplicationName, fencedTransaction, type Fence } from '../fence.ts';
import { takeOverPartition } from '../take-over-partition.ts';
import { createGate } from '../testing/gate.ts';
import { commit, transaction } from '../transaction.ts';
import { lendTransaction } from './lend-transaction.ts';

let own: TestDatabase;
let admin: Database;
let processor: Database;

beforeAll(async () => {
  own = await testDatabase();
  admin = connectTo(own.url);
  processor = connectTo(own.services.processor);
});
afterAll(async () => {
  await Promise.all([admin.close(), processor.close()]);
  await own.drop();
});

const place = (partition: number) => ({ consumerGroup: 'roles', topic: 't', partition });

async function firstOwner(partition: number): Promise<Fence> {
  const taken = await takeOverPartition(processor, place(partition), 'the older', 0n);
  if (!taken.success) throw new Error(taken.reason);
  return taken.fence;
}

/** An owner that holds its partition in the middle of a user's handler until `during` has come to an end. */
async function heldBy(database: Database, fence: Fence, during: () => Promise<void>): Promise<unknown> {
  const [held, proceed] = [createGate(), createGate()];
  const holding = fencedTransaction(database, fence, {}, async (tx) => {
    await lendTransaction(tx, 'hookline_handlers').tx.query('select 1');
    held.open();
    await proceed.opened;
    return commit(null);
  }).catch((error: unknown) => error);
  await held.opened;
  await during().finally(proceed.open);
  return holding;
}

describe('a takeover with no more rights than a processor has', () => {
  it('ends an older owner of its login that holds the partition, in the middle of a handler under its own role', async () => {
    const fence = await firstOwner(1);
    const end = await heldBy(processor, fence, async () => {
      expect(await takeOverPartition(processor, place(1), 'the younger', 0n)).toMatchObject({
        success: true,
        terminated: 1,
        fence: { epoch: fence.epoch + 1n },
      });
    });
    expect(end).toBeInstanceOf(Error);
  });

  it('finds one that does not hold the fence by the name of its transaction, as a run of a lane', async () => {
    const fence = await firstOwner(2);
    const [held, proceed] = [createGate(), createGate()];
    const lane = transaction(processor, { applicationName: fenceApplicationName(fence) }, async (tx) => {
      await lendTransaction(tx, 'hookline_handlers').tx.query('select 1');
      held.open();
      await proceed.opened;
      return commit(null);
    }).catch((error: unknown) => error);
    await held.opened;
    expect(await takeOverPartition(processor, place(2), 'the younger', 0n)).toMatchObject({ terminated: 1 });
    proceed.open();
    expect(await lane).toBeInstanceOf(Error);
  });

  it('is refused that of another login, and may end it as a member of that one', async () => {
    const login = `processor_${randomBytes(6).toString('hex')}`;
    await admin.query(`create role ${login} login password 'hookline'; grant hookline_processor to ${login}`);
    const url = new URL(own.services.processor);
    url.username = login;
    const other = connectTo(url.href);
    const fence = await firstOwner(3);
    await heldBy(processor, fence, async () => {
      const takeOver = () => takeOverPartition(other, place(3), 'the younger', 0n);
      await expect(takeOver()).rejects.toMatchObject({
        code: '42501',
        message: 'permission denied to terminate process',
      });
      await admin.query(`grant local_processor to ${login}`);
      expect(await takeOver()).toMatchObject({ success: true, terminated: 1 });
    });
    await other.close();
    await admin.query(`drop role ${login}`);
  });
});
