import type { JobRun, SendingFacts } from './sending-facts.ts';
import { violation, type Violation } from './violation.ts';

/** What the first record of a job can have been decided as, and those behind it. */
const RUNS: readonly string[] = ['processed', 'parked'];
const RUNS_NOT: readonly string[] = ['duplicate', 'reset'];

/**
 * E5: each job that is in its topic has run once, however often it is there, in the order of its key; nothing else has
 * run. Each of its records is decided once: the first runs, and no other.
 */
export function jobsRanOnce({ asked, jobRecords, jobRuns, jobAudit }: SendingFacts): Violation[] {
  const about = new Map(asked.map((one) => [one.effectId, one.about]));
  const records = Map.groupBy(jobRecords, ({ effectId }) => effectId);
  const runs = Map.groupBy(jobRuns, ({ effectId }) => effectId);
  const decided = Map.groupBy(jobAudit, ({ place }) => place);
  const first = new Map([...records].map(([effectId, [one]]) => [effectId, one?.place]));
  const nameOf = (effectId: string): string => `${about.get(effectId) ?? 'of no effect'} ${effectId}`;
  const times = [...records.keys()].map((effectId) => ({ effectId, n: runs.get(effectId)?.length ?? 0 }));
  const misdecided = jobRecords.flatMap(({ effectId, place }) => {
    const found = (decided.get(place) ?? []).map(({ decision }) => decision);
    const due = first.get(effectId) === place ? RUNS : RUNS_NOT;
    return found.length === 1 && due.includes(found[0] as string) ? [] : [`${place}: ${found.join(', ') || 'nothing'}`];
  });
  const strays = jobRuns.filter((run) => !records.has(run.effectId) || about.get(run.effectId) !== run.about);
  return [
    ...violation(
      'E5',
      'jobs that were not run',
      times.filter(({ n }) => n === 0).map(({ effectId }) => nameOf(effectId)),
    ),
    ...violation(
      'E5',
      'jobs that ran more than once',
      times.filter(({ n }) => n > 1).map(({ effectId, n }) => `${nameOf(effectId)}: ${n} times`),
    ),
    ...violation(
      'E5',
      'runs of what is no job in its topic, or another',
      strays.map((run) => `${run.about} ${run.effectId}`),
    ),
    ...violation('E5', 'jobs that ran before one of before', disordered(jobRecords, jobRuns)),
    ...violation(
      'E5',
      'records of jobs that were not read',
      jobRecords.filter(({ read }) => !read).map(({ place }) => place),
    ),
    ...violation('E5', 'records of jobs that are not decided once, as they should be', misdecided),
  ];
}

/** Of one key each first run comes behind those of earlier records. */
function disordered(jobRecords: SendingFacts['jobRecords'], jobRuns: readonly JobRun[]): string[] {
  const place = new Map<string, number>();
  for (const [index, { effectId }] of jobRecords.entries()) if (!place.has(effectId)) place.set(effectId, index);
  const found: string[] = [];
  for (const [key, runs] of Map.groupBy(jobRuns, (run) => run.key)) {
    let last = -1;
    for (const effectId of new Set(runs.map((run) => run.effectId))) {
      const at = place.get(effectId) ?? last;
      if (at < last) found.push(`${key}: ${effectId}`);
      last = Math.max(last, at);
    }
  }
  return found;
}
