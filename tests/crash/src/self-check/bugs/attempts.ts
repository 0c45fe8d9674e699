import type { Bug } from '../bug.ts';

const CLAIM = 'packages/database/src/outbox/claim-attempts.ts';
const SETTLE = 'packages/database/src/outbox/settle-attempts.ts';
const LOCK = 'packages/database/src/outbox/lock-shards.ts';
const ATTEMPT = 'services/relay/src/sending/attempt.ts';

/** The end of what statements behind the lock ask for. */
const FENCED = `
         join hookline.outbox_shards as shard using (consumer_group, topic, kafka_partition, epoch)
        where shard.owner = $5
          and ($6::float8 is null or shard.lease_until >= clock_timestamp() + $6 * interval '1 ms')\`;`;
const UNFENCED = `
         join (select consumer_group, topic, kafka_partition from hookline.outbox_shards) as shard
              using (consumer_group, topic, kafka_partition)
        where $5::text is not null and coalesce($6::float8, 0) >= 0\`;`;

/** Of what is recorded of an attempt, and of who may make one. */
export const attemptBugs: Bug[] = [
  {
    name: 'attempt-not-recorded',
    does: 'counts an attempt before it sends, but not that it is under way',
    edits: [
      {
        file: CLAIM,
        find: `          set state = 'sending', attempts = attempts + 1, total_attempts = total_attempts + 1, error = null,
              attempt_started_at = clock_timestamp(),
              attempt_ends_at = clock_timestamp() + $6::float8 * interval '1 ms'
`,
        replace: `          set attempts = attempts + 1, total_attempts = total_attempts + 1,
              error = case when $6::float8 > 0 then null end
`,
      },
      {
        file: SETTLE,
        find: `and effect.state = 'sending'
    returning effect.effect_id,`,
        replace: `and effect.state <> 'dead'
    returning effect.effect_id,`,
      },
      {
        file: SETTLE,
        find: `and effect.state = 'sending'
    returning effect.*,`,
        replace: `and effect.state <> 'dead'
    returning effect.*,`,
      },
      {
        file: SETTLE,
        find: 'then effect.attempt_started_at end,',
        replace: 'then clock_timestamp() end,',
      },
    ],
    round: 'relay-killed',
    breaks: ['E1'],
  },
  {
    name: 'lease-not-looked-at',
    does: 'sends what it has claimed, whenever it comes to that',
    edits: [
      {
        file: ATTEMPT,
        find: 'const deadlineMs = Math.max(0, Math.floor(endsAt.monotonic - clock.monotonic()));',
        replace: 'const deadlineMs = 2000;',
      },
      {
        file: ATTEMPT,
        find: "if (!isBefore(momentNow(clock), endsAt)) refuse('Its time was over before it began.');",
        replace: 'void momentNow;',
      },
      { file: ATTEMPT, find: 'if (!isBefore(endsAt, held.validUntil)) {', replace: 'if (isBefore(endsAt, endsAt)) {' },
    ],
    round: 'relay-frozen',
    breaks: ['E1'],
  },
  {
    name: 'settle-not-fenced',
    does: 'writes what became of an attempt although another relay has its shard',
    edits: [
      {
        file: SETTLE,
        find: 'lockShards(tx, owner, shards, null)',
        replace: 'shards',
      },
      { file: LOCK, find: FENCED, replace: UNFENCED },
    ],
    round: 'relay-wakes',
    breaks: ['E1', 'E3', 'E4'],
  },
  {
    // With the fence alone gone nothing happens: what is being sent is not claimed, and the end of a lease is looked at.
    name: 'claim-not-fenced',
    does: 'claims what another relay has, and looks neither at what is being sent nor at its lease',
    edits: [
      {
        file: CLAIM,
        find: 'lockShards(tx, owner, shards, deadlineMs)',
        replace: 'shards',
      },
      { file: LOCK, find: FENCED, replace: UNFENCED },
      {
        file: CLAIM,
        find: "and effect.attempt_ends_at + $7::float8 * interval '1 ms' <= clock_timestamp())",
        replace: 'and $7::float8 >= 0)',
      },
      { file: ATTEMPT, find: 'if (!isBefore(endsAt, held.validUntil)) {', replace: 'if (isBefore(endsAt, endsAt)) {' },
    ],
    round: 'relay-wakes',
    breaks: ['E1', 'E3'],
  },
];
