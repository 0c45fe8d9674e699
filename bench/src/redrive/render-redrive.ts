import type { Machine } from '../report/machine.ts';
import { isSound, type RedriveReport } from './run-redrive.ts';

/** The report for people. */
export function renderRedrive(report: RedriveReport, machine: Machine): string {
  const { letters, repositories, rate, seconds, perSecond, peakRssBytes, cpuSeconds, checks, verify } = report;
  const mib = (bytes: number | null) => (bytes === null ? '?' : String(Math.round(bytes / 2 ** 20)));
  const cpu = (of: number | null) => (of === null ? '?' : of.toFixed(1));
  const width = Math.max(...checks.map(({ what }) => what.length));
  return [
    `redrive: ${letters} dead letters of ${repositories} repositories, ${rate === 0 ? 'no rate' : `${rate} commands/s`}.`,
    `made in ${seconds.makeDead.toFixed(1)} s; the command took ${seconds.command.toFixed(1)} s, ` +
      `all had run after ${seconds.untilAllHaveRun.toFixed(1)} s: ${perSecond.toFixed(0)} deliveries/s.`,
    `command: ${mib(peakRssBytes.command)} MiB at most, ${cpu(cpuSeconds.command)} s of CPU; ` +
      `processor: ${mib(peakRssBytes.processor)} MiB at most, ${cpu(cpuSeconds.processor)} s of CPU.`,
    '',
    ...checks.map(
      ({ what, found, expected }) => `${found === expected ? '✓' : '✗'} ${what.padEnd(width)}  ${found} of ${expected}`,
    ),
    ...(['before', 'after'] as const).map(
      (when) => `${verify[when] === null ? '✓' : `✗ ${verify[when]}\n `} hookline verify, ${when}`,
    ),
    '',
    isSound(report) ? 'All is as it must be.' : 'NOT all is as it must be.',
    `On ${machine.cores} × ${machine.cpu}, Node ${machine.node}, load ${machine.load} before the run.`,
  ].join('\n');
}
