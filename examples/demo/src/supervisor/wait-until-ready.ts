import { DemoError } from '../demo-error.ts';
import { poll } from '../poll.ts';
import { logTail } from './log-tail.ts';
import type { ServiceProcess } from './service-process.ts';

const TIMEOUT_MS = 60_000;
/** A service that has died this often will not get better. */
const MAX_RESTARTS = 3;

/** Resolves when the service says that it is ready; rejects, with its reasons and its log, when it will not be. */
export async function waitUntilReady(
  service: ServiceProcess,
  healthUrl: string,
  signal: AbortSignal,
  timeoutMs = TIMEOUT_MS,
): Promise<void> {
  let notReady = 'it does not answer';
  const end = await poll(
    async () => {
      const failure = service.gaveUp() ?? (service.restarts() >= MAX_RESTARTS ? diesAgain(service) : undefined);
      if (failure !== undefined) return failure;
      const reasons = await readReasons(healthUrl);
      if (reasons === 'ready') return reasons;
      notReady = reasons ?? notReady;
    },
    { timeoutMs, signal },
  );
  if (end === 'ready') return;
  const failure = end ?? `${service.name} is not ready after ${timeoutMs / 1000} s: ${notReady}`;
  throw new DemoError(`${failure}. ${await logTail(service.logFile)}`);
}

function diesAgain(service: ServiceProcess): string {
  return `${service.name} died ${service.restarts()} times while it was starting`;
}

/** `ready`, the reasons why not, or undefined where nothing answers. */
async function readReasons(healthUrl: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${healthUrl}/readyz`, { signal: AbortSignal.timeout(2_000) });
    const report = (await response.json()) as { probes: { name: string; ok: boolean; reason?: string }[] };
    if (response.ok) return 'ready';
    const failing = report.probes.filter(({ ok }) => !ok);
    return failing.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  } catch {
    return undefined;
  }
}
