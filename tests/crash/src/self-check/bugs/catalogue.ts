import type { Bug } from '../bug.ts';
import { attemptBugs } from './attempts.ts';
import { consumingBugs } from './consuming.ts';
import { effectBugs } from './effects.ts';
import { failureBugs } from './failures.ts';
import { generationBugs } from './generations.ts';
import { haltBugs } from './halts.ts';
import { ingestBugs } from './ingest.ts';
import { laneBugs } from './lanes.ts';
import { operatorBugs } from './operators.ts';
import { ownershipBugs } from './ownership.ts';
import { retentionBugs } from './retention.ts';
import { sliceBugs } from './slices.ts';

/** Every bug that is seeded. */
export const BUGS: readonly Bug[] = [
  ...ingestBugs,
  ...consumingBugs,
  ...ownershipBugs,
  ...sliceBugs,
  ...failureBugs,
  ...laneBugs,
  ...haltBugs,
  ...operatorBugs,
  ...generationBugs,
  ...retentionBugs,
  ...effectBugs,
  ...attemptBugs,
];

/** @throws when there is none of that name */
export function findBug(name: string): Bug {
  const found = BUGS.find((bug) => bug.name === name);
  if (!found) throw new Error(`There is no bug "${name}". \`npm run crash -- --list-bugs\` tells which there are.`);
  return found;
}

/** As a page of text. */
export function listBugs(): string {
  const width = Math.max(...BUGS.map(({ name }) => name.length));
  return BUGS.map(({ name, does }) => `${name.padEnd(width)}  ${does}\n`).join('');
}
