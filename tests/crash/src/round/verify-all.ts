import { verifyTables } from '@hookline/database';
import { violation, type Violation } from '../check/violation.ts';
import type { System } from '../system/system.ts';

const EVERY_COMMAND = new Date(0);

/** What `hookline verify` finds in the tables. */
export async function verifyAll({ database }: System): Promise<Violation[]> {
  const options = { most: 5, commandsSince: EVERY_COMMAND, onProgress: () => {} };
  const { problems } = await verifyTables(database, options);
  return violation(
    'I4',
    'problems that `hookline verify` finds',
    problems.map(
      ({ code, partition, offset, subject, detail }) => `${code} ${partition}/${offset} ${subject}: ${detail}`,
    ),
  );
}
