import { Agent } from 'node:http';
import type { Random } from '../random.ts';
import type { Service } from '../system/service.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import { postOnce, type Composed } from './load.ts';
import { isDone } from './ledger.ts';

export interface CourierSettings {
  ledger: Ledger;
  /** What was sent, by GUID; is given what replays were. Of the round: one courier sends again what another has replayed. */
  sent: Map<string, Composed>;
  ingests: readonly Service[];
  random: Random;
  pause(ms: number): Promise<void>;
}

/** Posts again what was posted before: as GitHub does, or as somebody who has captured it. */
export interface Courier {
  /** What was accepted and answered so far. */
  accepted(): LedgerEntry[];
  /** As it was. Resolves to whether it was accepted, or was known to be processed. */
  again(guid: string): Promise<boolean>;
  /** Under another GUID, which is not signed. Resolves to that GUID. */
  replay(guid: string): Promise<string>;
}

/** Others may have taken every ingest away until the end of the round. */
const TRIES = 8;
const AGAIN_MS = 250;

export function createCourier({ ledger, sent, ingests, random, pause }: CourierSettings): Courier {
  const of = (guid: string): Composed => sent.get(guid) as Composed;

  async function again(guid: string): Promise<boolean> {
    const { sendings } = ledger.get(guid) as LedgerEntry;
    const agent = new Agent();
    try {
      for (let tries = 1; tries <= TRIES; tries += 1) {
        const port = random.pick(ingests).port();
        if (port !== null) {
          const startedAt = Date.now();
          const answer = await postOnce(agent, port, of(guid));
          sendings.push({ ...answer, startedAt, endedAt: Date.now() });
          if (isDone(answer)) return true;
        }
        await pause(AGAIN_MS);
      }
      return false;
    } finally {
      agent.destroy();
    }
  }

  return {
    accepted: () => [...ledger.values()].filter(({ sendings }) => sendings.some(isDone)),
    again,
    async replay(guid) {
      const other = random.uuid();
      const { headers, ...content } = of(guid);
      sent.set(other, { ...content, headers: { ...headers, 'x-github-delivery': other } });
      ledger.set(other, { ...(ledger.get(guid) as LedgerEntry), guid: other, sendings: [] });
      await again(other);
      return other;
    },
  };
}
