// Ingest as in production, with crash points around its log and links in its network.
import { createIngest, ingestOptions } from '@hookline/ingest';
import type { DeliveryLog } from '@hookline/kafka';
import { runService } from '@hookline/runtime';
import { obeyHarness } from './control.ts';
import { routedSockets } from './routes.ts';

const control = obeyHarness();

await runService({
  name: 'hookline-ingest',
  description: 'is ingest under the crash harness.',
  options: ingestOptions,
  create(context) {
    const ingest = createIngest(context, { openSocket: routedSockets(), aroundLog: crashing });
    return {
      async start() {
        await ingest.start();
        await control.tell({ notice: 'listening', port: ingest.port() });
      },
      stop: () => ingest.stop(),
    };
  },
});

function crashing(log: DeliveryLog): DeliveryLog {
  return {
    start: () => log.start(),
    stop: () => log.stop(),
    readiness: () => log.readiness(),
    async append(record) {
      await control.reach('before-append');
      const result = await log.append(record);
      await control.reach('after-append');
      return result;
    },
  };
}
