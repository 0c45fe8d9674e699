import { readFileSync, writeFileSync } from 'node:fs';

/** What a process has needed. */
export interface Usage {
  peakRssBytes: number;
  cpuSeconds: number;
}

/** Writes into a file, when this process ends, what it has needed, and what else there is to say then. */
export function leaveOutcome(file: string, more: () => Record<string, unknown> = () => ({})): void {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    const usage: Usage = { peakRssBytes: peakRss(), cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
    writeFileSync(file, JSON.stringify({ ...usage, ...more() }));
  });
}

/** Of this program: `maxRSS` is also that of the one that has started it, which on Linux outlives exec. */
function peakRss(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}
