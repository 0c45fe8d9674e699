import { writeFileSync } from 'node:fs';

/** What a process has needed. */
export interface Usage {
  peakRssBytes: number;
  cpuSeconds: number;
}

/** Writes into a file, when this process ends, what it has needed, and what else there is to say then. */
export function leaveOutcome(file: string, more: () => Record<string, unknown> = () => ({})): void {
  process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    const usage: Usage = { peakRssBytes: maxRSS * 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
    writeFileSync(file, JSON.stringify({ ...usage, ...more() }));
  });
}
