import { expect, it } from '@jest/globals';
import { testStack } from '@hookline/local-stack';
import { connectingClient, type ConnectingClient } from './connecting-client.ts';

it('writes what is sent behind each other at once, also from promises that follow, and is answered in order', async () => {
  const { databaseUrl: url } = await testStack();
  const Connecting = connectingClient({ url });
  const client = new Connecting({ pipeline: true }) as ConnectingClient;
  await client.connect();
  const { stream } = client.connection;
  const written: number[] = [];
  const ask = (n: number): Promise<unknown> => {
    client.gather();
    const answer = client.query('select $1::integer as n', [n]);
    written.push(stream.writableLength);
    return answer.then(({ rows }): unknown => rows);
  };
  const answers = [ask(1), ask(2), Promise.resolve().then(() => ask(3))];
  expect(await Promise.all(answers)).toEqual([[{ n: 1 }], [{ n: 2 }], [{ n: 3 }]]);
  // Nothing of it had left before the last was there.
  expect(written.every((bytes, n) => bytes > (written[n - 1] ?? 0))).toBe(true);
  expect([stream.writableCorked, stream.writableLength]).toEqual([0, 0]);
  await client.end();
});
