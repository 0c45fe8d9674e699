import { verifyTables } from '@hookline/database';
import { violation, type Violation } from '../check/violation.ts';
import type { System } from '../system/system.ts';

const EVERY_COMMAND = new Date(0);

/**
 * What `hookline verify` finds in the tables. Nothing is asked of it where the harness has dated rows back: it knows that the
 * audit loses its beginning, and not what is in the middle.
 */
export async function verifyAll({ database }: System): Promise<Violation[]> {
  const { rowCount } = await database.query('select from crash.aged where beyond limit 1');
  if (rowCount > 0) return [];
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
