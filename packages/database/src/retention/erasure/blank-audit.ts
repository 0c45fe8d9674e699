import type { Queryable } from '../../database.ts';
import { ERASED_TEXT } from './erase-dead.ts';
import { isOfKey, keyValues } from './of-key.ts';

/** Whose rows: of a key, that of a repository also under the key of its owner; or of deliveries by their GUIDs. */
export type AuditSubject = { orderingKey: string } | { guids: readonly string[] };

const GUIDS_AT_ONCE = 1000;

/**
 * Blanks what the audit quotes of payloads: errors of handlers and of effects, and actions that the sender of a `repository_dispatch`
 * has chosen. What was decided, when, about which identity, and what operators wrote, stays. A statement per range, since
 * the audit has no index by key. Returns how many rows it has changed.
 */
export async function blankAudit(
  on: Queryable,
  subject: AuditSubject,
  progress: (range: string) => void = () => {},
): Promise<number> {
  const { rows: ranges } = await on.query<{ name: string }>(
    `select part.relname as name
       from pg_inherits join pg_class part on part.oid = inhrelid
      where inhparent = 'hookline.audit_log'::regclass and not inhdetachpending
      order by name`,
  );
  let changed = 0;
  for (const { name } of ranges) {
    progress(name);
    for (const [where, values] of subjectConditions(subject, 2)) {
      const { rowCount } = await on.query(
        `update hookline.${name}
            set detail = case when detail is null then null else $1 end,
                action = case when event = 'repository_dispatch' then null else action end
          where ${where} and stage in ('log', 'lane', 'effect')
            and (detail <> $1 or (event = 'repository_dispatch' and action is not null))`,
        [ERASED_TEXT, ...values],
      );
      changed += rowCount;
    }
  }
  return changed;
}

/** SQL: whether a row is of the subject, each condition with its values, of which the first is number `at`. */
export function subjectConditions(subject: AuditSubject, at: number): [string, unknown[]][] {
  if ('orderingKey' in subject) return [[isOfKey(at), keyValues(subject.orderingKey)]];
  const some: [string, unknown[]][] = [];
  for (let i = 0; i < subject.guids.length; i += GUIDS_AT_ONCE) {
    some.push([`guid = any ($${at}::uuid[])`, [subject.guids.slice(i, i + GUIDS_AT_ONCE)]]);
  }
  return some;
}
