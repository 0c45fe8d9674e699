import type { Bug } from '../bug.ts';

const RUN_SLICE = 'services/processor/src/slice/run-slice.ts';
const DECIDE = 'services/processor/src/slice/decide.ts';
const OUTCOME = 'services/processor/src/slice/write-outcome.ts';
const CLAIMS = 'packages/database/src/claim-identities.ts';
const PROCESS = 'services/processor/src/partition/process-records.ts';

const ADVANCE = 'advancePast(tx, fence, (records[0] as LogRecord).offset, last, noted)';

export const sliceBugs: Bug[] = [
  {
    name: 'offset-before-effects',
    does: 'commits the offset, and then runs the handlers',
    edits: [
      { file: RUN_SLICE, find: ADVANCE, replace: 'last.offset + 1n' },
      {
        file: RUN_SLICE,
        find: '  const ran = await runHandlers(',
        replace: `  await ${ADVANCE};
  const { rows } = await tx.query("select current_setting('application_name') as name");
  await tx.query(\`commit; begin; set local application_name = '\${rows[0].name}'\`);
  const ran = await runHandlers(`,
      },
    ],
    round: 'failing',
    breaks: ['I1'],
  },
  {
    name: 'claims-outside',
    does: 'claims identities in a transaction of their own',
    edits: [
      {
        file: RUN_SLICE,
        find: '{ decided, known, failed, stored, effects }),',
        replace: '{ decided, known, failed, stored, effects, outside: settings.database }),',
      },
      {
        file: OUTCOME,
        find: 'claimIdentities(tx, [',
        replace: 'claimIdentities(outcome.outside, [',
      },
    ],
    round: 'killed',
    breaks: ['I2'],
  },
  {
    name: 'identities-not-found',
    does: 'finds no identity that was claimed before',
    edits: [
      {
        file: 'packages/database/src/find-identities.ts',
        find: 'return new Map(rows.map(',
        replace: 'return new Map(rows.slice(0, 0).map(',
      },
    ],
    round: 'calm',
    breaks: ['I8'],
  },
  {
    name: 'duplicate-in-slice',
    does: 'overlooks the second of two in one slice, and claims it again without a word',
    edits: [
      { file: DECIDE, find: 'claim?.event ?? slice.claimed', replace: 'claim?.event' },
      {
        file: CLAIMS,
        find: '$8::bigint[], $9::text[])`,',
        replace: '$8::bigint[], $9::text[]) on conflict do nothing`,',
      },
    ],
    round: 'piled-up',
    breaks: ['I2'],
  },
  {
    name: 'duplicates-not-audited',
    does: 'writes nothing into the audit for a duplicate',
    edits: [
      {
        file: OUTCOME,
        find: '    decided.map((one) => auditOf(one, fence, failed.get(one.record.offset))),',
        replace: `    decided
      .filter(({ decision }) => decision !== 'duplicate')
      .map((one) => auditOf(one, fence, failed.get(one.record.offset))),`,
      },
    ],
    round: 'calm',
    breaks: ['I4'],
  },
  {
    name: 'order-of-arrival',
    does: 'runs the deliveries of a slice in the order in which ingest received them',
    edits: [
      {
        file: RUN_SLICE,
        find: 'processed.map(handledDelivery)',
        replace: 'processed.toSorted((a, b) => a.delivery.receivedAt - b.delivery.receivedAt).map(handledDelivery)',
      },
    ],
    round: 'piled-up',
    breaks: ['I3'],
  },
  {
    name: 'undecodable-untraced',
    does: 'goes on past what is no delivery, and writes nothing down',
    edits: [
      {
        file: OUTCOME,
        find: '(isUndecodable(record) && !record.isEndMark ? [record] : [])',
        replace: '(isUndecodable(record) ? [] : [])',
      },
      {
        file: OUTCOME,
        find: '    decided.map((one) =>',
        replace: '    decided.filter(({ record }) => isDelivery(record)).map((one) =>',
      },
    ],
    round: 'strangers',
    breaks: ['I4'],
  },
  {
    name: 'lost-reply-not-recognised',
    does: 'processes a slice again whose COMMIT took effect and was not heard of',
    edits: [
      {
        file: RUN_SLICE,
        find: 'records.filter((record) => record.offset >= nextOffset);',
        replace: 'records.slice();',
      },
      {
        file: RUN_SLICE,
        find: `    if (first.offset !== nextOffset) return rollback({ success: false, reason: 'GAP', nextOffset });\n`,
        replace: '',
      },
    ],
    round: 'commits-unheard',
    breaks: ['I4', 'I8'],
  },
  {
    name: 'outage-blamed-on-records',
    does: 'takes any error of the database for a refusal of the record',
    edits: [
      {
        file: PROCESS,
        find: 'if (owned.signal.aborted || !(isDataFault(error) || error instanceof TransactionLost)) throw error;',
        replace: 'if (owned.signal.aborted) throw error;',
      },
    ],
    round: 'database-away',
    breaks: ['I8'],
  },
];
