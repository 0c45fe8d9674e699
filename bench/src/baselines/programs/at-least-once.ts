// As much at once as the processor takes, and the same rows by the same statements; but nothing is looked up, nothing is
// fenced, and the offset is Kafka's: after a crash or a rebalance it would do some of it twice, or fail.
import { claimIdentities, commit, transaction, writeAudit } from '@hookline/database';
import { repositoryActivity } from '@hookline/processor';
import { openConsumer, orEnd, type ConsumedRecord } from '../open-consumer.ts';

const AT_ONCE = 500;
const { lanes, database, consumer, subscribe, read } = openConsumer();
const { signal } = new AbortController();

await subscribe();
await consumer.run({
  partitionsConsumedConcurrently: lanes,
  autoCommitInterval: 1000,
  eachBatchAutoResolve: false,
  async eachBatch({ batch: { partition, messages }, resolveOffset, heartbeat, commitOffsetsIfNecessary }) {
    for (let n = 0; n < messages.length; n += AT_ONCE) {
      const some = messages.slice(n, n + AT_ONCE);
      await orEnd(async () => write(await Promise.all(some.map((message) => read(partition, message)))));
      resolveOffset(some.at(-1)?.offset ?? '');
      await commitOffsetsIfNecessary();
      await heartbeat();
    }
  },
});

async function write(records: readonly ConsumedRecord[]): Promise<void> {
  const places = records.map(({ delivery, ...place }) => ({ ...delivery, ...place, incarnation: 1 }));
  await transaction(database, {}, async (tx) => {
    await repositoryActivity.runSlice(
      places.map((place) => ({ ...place, payload: null })),
      { db: tx, signal },
    );
    await claimIdentities(tx, places);
    await writeAudit(
      tx,
      places.map((place) => ({ ...place, stage: 'log', decision: 'processed', epoch: 1n })),
    );
    return commit(undefined);
  });
}
