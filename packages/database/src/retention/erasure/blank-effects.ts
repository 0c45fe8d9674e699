import type { Queryable } from '../../database.ts';
import { subjectConditions, type AuditSubject } from './blank-audit.ts';

/**
 * Blanks what targets have answered of effects that were sent: ids and addresses of what was made there. That they were sent
 * stays. Returns how many rows it has changed.
 */
export async function blankEffects(on: Queryable, subject: AuditSubject): Promise<number> {
  let changed = 0;
  for (const [where, values] of subjectConditions(subject, 1)) {
    const { rowCount } = await on.query(
      `update hookline.settled_effects set result = null where ${where} and result is not null`,
      values,
    );
    changed += rowCount;
  }
  return changed;
}
