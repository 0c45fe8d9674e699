// A process that runs the lanes of one partition until none is open: `node lane-process.ts <database URL> <partition>`.
// Its handler `killer` kills it, as running out of memory would, for the delivery at offset 666.
import { createDatabase } from '@hookline/database';
import { handler, runLaneProcess } from './lane-world.ts';

const [url, partition] = process.argv.slice(2) as [string, string];
const database = createDatabase({
  url,
  poolSize: 8,
  applicationName: 'lane-process',
  queryTimeoutMs: 10_000,
  connectTimeoutMs: 5000,
  onConnectionError: () => {},
});
await runLaneProcess(database, Number(partition), [
  handler('writes', async ({ offset }, { db }) => void (await db.query('insert into effects values ($1)', [offset]))),
  handler('killer', ({ offset }) => {
    if (offset === 666n) process.kill(process.pid, 'SIGKILL');
    return Promise.resolve();
  }),
]);
await database.close();
