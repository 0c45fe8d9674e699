import { DEFAULT_RETENTION_MS } from '@hookline/contracts';
import { option } from './kinds.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A hundred years: PostgreSQL's time can still be counted back from by it. */
const FOR_EVER_MS = 36_500 * DAY_MS;

const kept = { min: 1, max: FOR_EVER_MS };

/** How long what is kept: the same variables in the service that starts on them and in the command that removes. */
export const retentionOptions = {
  topicRetentionMs: option.duration({
    env: 'HOOKLINE_TOPIC_RETENTION_MS',
    help: "How long the log keeps records; longer than GitHub's redelivery window (3 days, 7 on GHES).",
    ...kept,
    default: DEFAULT_RETENTION_MS,
  }),
  redeliveryWindowMs: option.duration({
    env: 'HOOKLINE_REDELIVERY_WINDOW_MS',
    help: 'How long GitHub can redeliver: 3 days, 7 on GHES.',
    ...kept,
    default: 3 * DAY_MS,
  }),
  horizonMs: option.duration({
    env: 'HOOKLINE_HORIZON_MS',
    help: 'How long a delivery that arrives again is known, at least. Above the lifetime of a record of the log (its retention and one day) and the redelivery window together.',
    ...kept,
    default: 14 * DAY_MS,
  }),
  auditRetentionMs: option.duration({
    env: 'HOOKLINE_AUDIT_RETENTION_MS',
    help: 'How long the audit is kept, at least.',
    ...kept,
    default: 90 * DAY_MS,
  }),
  deadLetterRetentionMs: option.duration({
    env: 'HOOKLINE_DEAD_LETTER_RETENTION_MS',
    help: 'How long dead letters are kept after they were redriven or discarded. Open ones are never removed.',
    ...kept,
    default: 30 * DAY_MS,
  }),
  effectRetentionMs: option.duration({
    env: 'HOOKLINE_EFFECT_RETENTION_MS',
    help: 'How long the ids of effects are kept after they were sent or discarded, at least; not above HOOKLINE_HORIZON_MS, and 0: as long as that. What is not settled is never removed.',
    max: FOR_EVER_MS,
    default: 0,
  }),
  commandRetentionMs: option.duration({
    env: 'HOOKLINE_COMMAND_RETENTION_MS',
    help: "How long operators' commands are kept after they were applied or refused. Open ones are never removed.",
    ...kept,
    default: 90 * DAY_MS,
  }),
};
