import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { partitionOf } from '@hookline/contracts';
import { openRecordSender } from './record-sender.ts';
import '../programs/leave-usage.ts';

/** Appends what was verified to the topic that the door's environment names. */
export type Append = (delivery: {
  guid: string;
  event: string;
  repository: number | string;
  value: Buffer;
}) => Promise<void>;

/** Serves a door that benches compare ingest with, until SIGTERM. Tells its port as ingest does. */
export async function serveDoor(create: (append: Append) => RequestListener | Promise<RequestListener>): Promise<void> {
  const { HOOKLINE_KAFKA_BROKERS: brokers = '', HOOKLINE_TOPIC: topic = '', HOOKLINE_TOPIC_PARTITIONS } = process.env;
  const sender = await openRecordSender(brokers.split(','), topic);
  const append: Append = ({ guid, event, repository, value }) => {
    const key = `github.com/repository/${repository}`;
    const partition = partitionOf(key, Number(HOOKLINE_TOPIC_PARTITIONS));
    return sender.send({ key, partition, value, headers: { guid, event } });
  };
  const server = createServer(await create(append));
  process.once('SIGTERM', () => void stop());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ level: 'info', msg: 'taking webhooks', port })}\n`);

  async function stop(): Promise<void> {
    server.close();
    server.closeAllConnections();
    await sender.close();
    process.exit(0);
  }
}
