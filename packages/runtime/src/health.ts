/**
 * Looks at state that is already in memory and answers at once: `true`, or the reason why not, in words for the
 * person who reads `/readyz` at night. It must not do I/O: a probe that waits for a broker turns the broker's
 * outage into restarts of every service.
 */
export type Probe = () => true | string;

export interface ProbeReport {
  name: string;
  ok: boolean;
  /** Why not; absent when ok. */
  reason?: string;
}

export interface HealthReport {
  /** True when every probe is ok. */
  ok: boolean;
  /** In the order in which the probes were added. */
  probes: ProbeReport[];
}

export interface Health {
  /** Adds a probe of `/readyz`: can this process do its work now? Throws if the name is taken. */
  readiness(name: string, probe: Probe): void;
  /** Adds a probe of `/livez`: would a restart help? Throws if the name is taken. */
  liveness(name: string, probe: Probe): void;
  /** Runs every probe now. A probe that throws counts as failing, its message being the reason. */
  report(): { live: HealthReport; ready: HealthReport };
}

export function createHealth(): Health {
  const live = new Map<string, Probe>();
  const ready = new Map<string, Probe>();
  return {
    readiness: (name, probe) => add(ready, name, probe),
    liveness: (name, probe) => add(live, name, probe),
    report: () => ({ live: reportOf(live), ready: reportOf(ready) }),
  };
}

function add(probes: Map<string, Probe>, name: string, probe: Probe): void {
  if (probes.has(name)) throw new RangeError(`There is a probe "${name}" already; give this one another name.`);
  probes.set(name, probe);
}

function reportOf(probes: Map<string, Probe>): HealthReport {
  const reports = [...probes].map(([name, probe]) => run(name, probe));
  return { ok: reports.every(({ ok }) => ok), probes: reports };
}

function run(name: string, probe: Probe): ProbeReport {
  try {
    const answer = probe();
    return answer === true ? { name, ok: true } : { name, ok: false, reason: answer };
  } catch (error) {
    return { name, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
