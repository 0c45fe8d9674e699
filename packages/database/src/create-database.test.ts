import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { testStack } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { createDatabaseAt, dropDatabaseAt, pingDatabase } from './create-database.ts';

const NAME = 'a "quoted" name with % signs';

describe('a database', () => {
  it('is created under any name, answers, can be copied, and is dropped with the sessions that are in it', async () => {
    const { databaseUrl } = await testStack();
    const url = await createDatabaseAt(databaseUrl, NAME);
    await pingDatabase(url, 5000);
    const inside = connectTo(url, { poolSize: 1 });
    await inside.query('create table marker (id integer)');
    await inside.close();

    const copyUrl = await createDatabaseAt(databaseUrl, `${NAME} (copy)`, NAME);
    const copy = connectTo(copyUrl, { poolSize: 1 });
    expect((await copy.query('select * from marker')).rows).toEqual([]);
    await dropDatabaseAt(databaseUrl, `${NAME} (copy)`);
    await expect(copy.query('select * from marker')).rejects.toThrow();
    await copy.close();

    await dropDatabaseAt(databaseUrl, NAME);
    await dropDatabaseAt(databaseUrl, NAME);
    await expect(pingDatabase(url, 5000)).rejects.toMatchObject({ code: '3D000' });
  });

  it('that is not there is told at once, and one that does not answer within the time', async () => {
    await expect(pingDatabase('postgres://nobody@127.0.0.1:1/none', 5000)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    const mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    await expect(pingDatabase(`postgres://nobody@127.0.0.1:${port}/none`, 100)).rejects.toThrow(/timeout/);
    mute.close();
  });
});
