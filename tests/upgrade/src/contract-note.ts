import { contractSteps } from './contract-steps.ts';

const NOTE = /^-- contract: unused since (\d+\.\d+\.\d+)\b/m;

/**
 * What speaks against releasing a migration after `lastRelease`; null: nothing. A migration that takes something away says
 * in a comment `-- contract: unused since <version>`, and that version must be one that everybody can be expected to run.
 */
export function contractProblem(sql: string, lastRelease: string): string | null {
  const steps = contractSteps(sql);
  if (steps.length === 0) return null;
  const since = NOTE.exec(sql)?.[1];
  if (since !== undefined && !isLater(since, lastRelease)) return null;
  const found = steps.map(({ statement, why }) => `"${statement.slice(0, 120)}" ${why}`).join('; ');
  const rule =
    since === undefined
      ? `say "-- contract: unused since <version>" when a release has stopped using it`
      : `it is unused since ${since}, which is later than the last release, ${lastRelease}: wait for the release after`;
  return `has steps that ${lastRelease} may not bear: ${found}. Add first, and take away in a later release: ${rule}.`;
}

function isLater(version: string, than: string): boolean {
  const [ours, theirs] = [version, than].map((it) => it.split('.').map(Number));
  const at = ours?.findIndex((part, i) => part !== theirs?.[i]) ?? -1;
  return at >= 0 && (ours?.[at] ?? 0) > (theirs?.[at] ?? 0);
}
