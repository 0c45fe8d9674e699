import { clockFaults } from './clocks.ts';
import { crashPointFaults } from './crash-points.ts';
import { databaseFaults } from './database.ts';
import { FAMILIES, type Family, type Fault } from './fault.ts';
import { generationFaults } from './generation-moves.ts';
import { groupFaults } from './group.ts';
import { handlerFaults } from './handlers.ts';
import { kafkaFaults } from './kafka.ts';
import { lostDataFaults } from './lost-data.ts';
import { networkFaults } from './network.ts';
import { operatorFaults } from './operators.ts';
import { processFaults } from './processes.ts';
import { registryFaults } from './registry.ts';
import { relayFaults } from './relay.ts';
import { retentionFaults } from './retention.ts';
import { strangerFaults } from './strangers.ts';

/** Every fault that the harness knows. */
export const FAULTS: readonly Fault[] = [
  ...crashPointFaults,
  ...processFaults,
  ...networkFaults,
  ...kafkaFaults,
  ...strangerFaults,
  ...databaseFaults,
  ...registryFaults,
  ...groupFaults,
  ...handlerFaults,
  ...clockFaults,
  ...operatorFaults,
  ...generationFaults,
  ...retentionFaults,
  ...relayFaults,
  ...lostDataFaults,
];

/** @throws when there is none of that name, naming those that there are */
export function findFault(name: string): Fault {
  const found = FAULTS.find((fault) => fault.name === name);
  if (!found) throw new Error(`There is no fault "${name}". \`npm run crash -- --list\` tells which there are.`);
  return found;
}

/** Why these cannot be in one round; null: they can. */
export function contradictionOf(faults: readonly Fault[]): string | null {
  const names = (some: readonly Fault[]): string => some.map(({ name }) => name).join(', ');
  const losses = faults.filter(({ lose }) => lose);
  if (losses.length > 1) return `${names(losses)}: a round loses data once.`;
  const [rereading, leaving] = [faults.filter(({ rereads }) => rereads), faults.filter((it) => it.leavesBehind)];
  if (rereading.length > 0 && leaving.length > 0) {
    return `${names([...rereading, ...leaving])}: what ${names(leaving)} leaves behind cannot be read again.`;
  }
  const keeping = faults.filter(({ keepsData }) => keepsData);
  if (losses.length === 0 || keeping.length === 0) return null;
  return `${names([...keeping, ...losses])}: what ${names(keeping)} must come to is not to be told where data is lost.`;
}

/** As a page of text, by family. */
export function listFaults(): string {
  const width = Math.max(...FAULTS.map(({ name }) => name.length));
  return FAMILIES.filter((family) => faultsOf(family).length > 0)
    .map((family) => {
      const lines = faultsOf(family).map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`);
      return [family, ...lines, ''].join('\n');
    })
    .join('\n');
}

export function faultsOf(family: Family): Fault[] {
  return FAULTS.filter((fault) => fault.family === family);
}
