import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aDelivery, appendDeliveries, until } from '@hookline/test-support';
import { build, residentMb } from './system/resident.ts';
import { PROCESSOR, startSystem, type System } from './system/start-system.ts';

const MIB = 1024 * 1024;
const BACKLOG = { deliveries: 6000, bytes: 10_000 };
const SMALL_TOTAL = 2 * MIB;
/** What docs/internals/memory.md promises of the small settings, in MB. */
const SMALL_MAX_MB = 290;
/** How much of the backlog must show in the default settings at least: about 60 MB are held. */
const DIFFERENCE_MB = 25;
/** Looks without growth, about two seconds, after which a process holds all that it will. */
const LOOKS = 100;

let system: System;

beforeAll(async () => {
  await build();
  system = await startSystem({ partitions: 8 });
}, 180_000);
afterAll(() => system?.stop());

/** Deliveries that the log compresses to about a quarter, as GitHub's. */
async function appendBacklog(): Promise<void> {
  const words = Array.from({ length: 300 }, () => randomBytes(6).toString('hex'));
  const texts = Array.from({ length: 50 }, () => {
    const text = Array.from({ length: 600 }, () => words[randomBytes(1).readUInt8(0)]).join(' ');
    return text.slice(0, BACKLOG.bytes);
  });
  for (let done = 0; done < BACKLOG.deliveries; done += 1000) {
    const some = Array.from({ length: 1000 }, (_, i) =>
      aDelivery({ repository: i % 200, payload: { filler: `${texts[i % 50]} ${randomBytes(1000).toString('hex')}` } }),
    );
    await appendDeliveries(system.stack, system, some);
  }
}

/** What a processor holds of a backlog that it can read and not commit. */
async function residentAgainst(settings: Record<string, string>): Promise<number> {
  const main = PROCESSOR.replace('/src/main.ts', '/dist/main.js');
  const processor = system.start({ main, from: 'dist', env: settings });
  await processor.untilReady();
  const holder = await system.database.acquire();
  try {
    await holder.query('begin');
    await holder.query('lock table hookline.audit_log in exclusive mode');
    await appendBacklog();
    let most = 0;
    let looks = 0;
    await until('the end of its growth', async () => {
      const now = await residentMb(processor.pid);
      looks = now > most + 1 ? 0 : looks + 1;
      most = Math.max(most, now);
      return looks >= LOOKS;
    });
    return most;
  } finally {
    await holder.query('rollback');
    holder.release();
    await processor.stop();
  }
}

// Elsewhere the number would have to come from other tools, which count other things.
const onLinux = process.platform === 'linux' ? it : it.skip;

describe('a processor that cannot commit, before a large backlog', () => {
  // A database that is slow for an hour must not become a processor that the kernel ends.
  onLinux(
    'holds as much of it as is configured',
    async () => {
      const usual = await residentAgainst({});
      const names = ['HOOKLINE_QUEUE_TOTAL_BYTES', 'HOOKLINE_QUEUE_BYTES', 'HOOKLINE_SLICE_BYTES'];
      const small = await residentAgainst(Object.fromEntries(names.map((name) => [name, String(SMALL_TOTAL)])));
      expect(usual - small).toBeGreaterThan(DIFFERENCE_MB);
      expect(small).toBeLessThan(SMALL_MAX_MB);
    },
    240_000,
  );
});
