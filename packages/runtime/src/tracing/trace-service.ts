import type { Clock } from '../clock.ts';
import type { Service } from '../lifecycle/service.ts';
import type { Tracing } from './tracing.ts';

/** What of a stop the last traces may take; they must not make it late. */
const FLUSH_MS = 2000;
const SPARE_MS = 500;

/** The service, whose last spans are sent when it has stopped, in what is left of its grace. */
export function traceService(
  service: Service,
  { tracing, clock, stopGraceMs }: { tracing: Tracing; clock: Clock; stopGraceMs: number },
): Service {
  return {
    start: () => service.start(),
    async stop() {
      const endAt = clock.monotonic() + stopGraceMs - SPARE_MS;
      try {
        await service.stop();
      } finally {
        await tracing.close(Math.max(0, Math.min(FLUSH_MS, endAt - clock.monotonic())));
      }
    },
  };
}
