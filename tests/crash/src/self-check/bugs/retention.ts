import type { Bug } from '../bug.ts';

const RANGES = 'packages/database/src/retention/read-old-ranges.ts';
const RUN = 'packages/database/src/retention/run-retention.ts';

export const retentionBugs: Bug[] = [
  {
    name: 'range-by-its-begin',
    does: 'drops a range when its begin is behind the horizon, and not its end',
    edits: [{ file: RANGES, find: 'where "to" <= coalesce(', replace: 'where "from" <= coalesce(' }],
    round: 'removed',
    breaks: ['I10'],
  },
  {
    name: 'audit-too-short',
    does: 'removes rows of the audit long before their time',
    edits: [
      {
        file: RUN,
        find: `'audit_log', keep.auditRetentionMs, at)`,
        replace: `'audit_log', keep.auditRetentionMs / 4, at)`,
      },
    ],
    round: 'removed',
    breaks: ['I10'],
  },
  {
    name: 'dead-claims-forgotten',
    does: 'forgets that a delivery is known whose dead letter is still to be decided',
    edits: [
      {
        file: RUN,
        find: 'keptDeadClaims += await keepDeadClaims(database, range, at);',
        replace: 'keptDeadClaims += 0;',
      },
    ],
    round: 'removed',
    breaks: ['I10'],
  },
  {
    name: 'claims-of-a-week',
    does: 'knows no delivery any more that was claimed more than a week ago',
    edits: [
      {
        file: 'packages/database/src/find-identities.ts',
        find: 'limit 1) as claim on true',
        replace: `and known.claimed_at > now() - interval '7 days' limit 1) as claim on true`,
      },
      {
        file: 'packages/database/src/door/look-up-identities.ts',
        find: '          limit 1) as known on true',
        replace: `            and claim.claimed_at > now() - interval '7 days'\n          limit 1) as known on true`,
      },
    ],
    round: 'removed',
    breaks: ['I2', 'I4'],
  },
];
