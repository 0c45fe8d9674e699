import { RELAY, SECRET } from '@hookline/e2e';
import type { ServiceProcess } from '@hookline/test-support';
import type { SharedSystem, Version } from './system.ts';

const MAINS = { ingest: 'services/ingest/src/main.ts', processor: 'services/processor/src/main.ts', relay: RELAY };

interface Member {
  kind: keyof typeof MAINS;
  version: Version;
  process: ServiceProcess;
  /** Of an ingest: where GitHub would post. */
  url: string | null;
}

/** The services that run, of whatever versions. */
export interface Fleet {
  /** Of the ingests that take deliveries: the same array, which changes. */
  urls: string[];
  /** Which version had a partition in an epoch. */
  readerOf(partition: number, epoch: bigint): Version['name'];
  start(kind: Member['kind'], version: Version): Promise<void>;
  /**
   * Starts one of a version, and when it is ready stops one of the others; resolves to the exit code of that.
   *
   * @param drained resolves when nothing is on its way to one that is not in `urls` any more
   */
  replace(kind: Member['kind'], by: Version, drained: () => Promise<void>): Promise<number | null>;
}

export function createFleet(system: SharedSystem): Fleet {
  const members: Member[] = [];
  const everyone: Member[] = [];
  const urls: string[] = [];
  const settings = (kind: Member['kind'], { name }: Version): Record<string, string> => {
    if (kind === 'relay') return system.relaySettings;
    if (kind === 'processor') return {};
    // The label of the secret goes into the record: it tells who has written it.
    const sources = [{ name: 'main', secrets: [{ label: name, secret: SECRET }] }];
    return { ...system.lookUp, HOOKLINE_SOURCES: JSON.stringify(sources) };
  };

  async function start(kind: Member['kind'], version: Version): Promise<void> {
    const process = system.start({ main: MAINS[kind], root: version.root, env: settings(kind, version) });
    const listens = kind === 'ingest' ? await process.logged('taking webhooks') : null;
    await process.untilReady();
    const url = listens && `http://127.0.0.1:${String(listens['port'])}/webhooks/main`;
    const member: Member = { kind, version, process, url };
    members.push(member);
    everyone.push(member);
    if (url) urls.push(url);
  }

  return {
    urls,
    start,
    async replace(kind, by, drained) {
      await start(kind, by);
      const at = members.findIndex((it) => it.kind === kind && it.version !== by);
      const [leaving] = members.splice(at, 1);
      if (at < 0 || !leaving) throw new Error(`There is no ${kind} to replace.`);
      // As a Service and the chart's wait before SIGTERM do: what comes goes to the others, and nobody is cut off who has just
      // posted by a connection that was idle.
      if (leaving.url) {
        urls.splice(urls.indexOf(leaving.url), 1);
        await drained();
      }
      return (await leaving.process.stop()).code;
    },
    readerOf(partition, epoch) {
      const reader = everyone.find(({ process }) =>
        process.log.some(
          (line) =>
            line.msg === 'took the partition over' &&
            line['partition'] === partition &&
            BigInt(line['epoch'] as string | number) === epoch,
        ),
      );
      if (!reader) throw new Error(`Nobody has taken partition ${partition} over in epoch ${epoch}.`);
      return reader.version.name;
    },
  };
}
