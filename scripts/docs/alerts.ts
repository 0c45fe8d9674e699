/** What somebody should be told of, and the part of the runbook that says what to do then. */
export interface Alert {
  /** In PromQL where there is a metric for it, else in words. */
  when: string;
  why: string;
  /** A heading of docs/operating/runbook.md. */
  runbook: string;
}

/** The most urgent first: what loses deliveries, what waits for a human, what gets better by itself. */
export const ALERTS: readonly Alert[] = [
  {
    when: '`rate(hookline_ingest_requests_total{code=~"LOG_UNAVAILABLE|OVERLOADED|STOPPING"}[5m]) > 0`',
    why: 'GitHub was told 503, and does not try again',
    runbook: 'Ingest answers 503',
  },
  {
    when: '`rate(hookline_ingest_requests_total{code="INTERNAL"}[5m]) > 0`',
    why: 'GitHub was told 500: a bug of ours',
    runbook: 'Ingest answers 500',
  },
  {
    when: '`rate(hookline_ingest_requests_total{code="SIGNATURE_MISMATCH"}[10m]) > 0` for a source that worked',
    why: 'secrets differ, or somebody forges',
    runbook: 'Signatures do not fit',
  },
  {
    when: '`increase(hookline_ingest_sources_reloads_total{result="refused"}[10m]) > 0`',
    why: 'a change of the sources was not taken',
    runbook: 'Changed sources are refused',
  },
  {
    when: '`rate(hookline_log_producers_replaced_total[10m]) > 0`, `hookline_log_queued_bytes` or `hookline_ingest_reading_bytes` above half of its limit, for 5 min',
    why: 'Kafka is slow, or more comes than goes: 503 is next',
    runbook: 'Ingest answers 503',
  },
  {
    when: '`rate(hookline_log_appended_total{result="too_large"}[10m]) > 0`',
    why: 'the topic takes less than a delivery needs, or was sealed',
    runbook: 'A topic is sealed',
  },
  {
    when: '`hookline_partition_halted == 1`',
    why: 'a partition waits for a human; the others go on',
    runbook: 'A partition is halted',
  },
  {
    when: '`hookline_intake_paused == 1`, or `sum(hookline_lane_bytes)` above 80 % of `HOOKLINE_LANE_TOTAL_BYTES`',
    why: 'the lanes are full: whole partitions wait',
    runbook: 'The lanes are full',
  },
  {
    when: '`hookline_breaker_open == 1`',
    why: 'a handler fails for many repositories alike',
    runbook: 'A handler fails for many repositories',
  },
  {
    when: '`time() - (hookline_lane_oldest_timestamp_seconds > 0) > 3600`, or `sum(hookline_lanes_open)` is larger than ever',
    why: 'a repository waits, and does not go on by itself',
    runbook: 'A repository waits in a lane',
  },
  {
    when: '`rate(hookline_lane_runs_total{outcome=~"error|gave-way"}[10m]) > 0` for 30 min',
    why: 'lanes come to no end, at no fault of their records',
    runbook: 'A repository waits in a lane',
  },
  {
    when: '`rate(hookline_handler_failures_total{kind!="fault"}[10m]) > 0` for 30 min',
    why: 'a handler waits for something, again and again',
    runbook: 'A handler fails for many repositories',
  },
  {
    when: '`increase(hookline_dead_letters_total[1h]) > 0`',
    why: 'a delivery was given up, and waits for a decision',
    runbook: 'Dead letters',
  },
  {
    when: '`increase(hookline_effects_dead_total[1h]) > 0`',
    why: 'an effect was given up, and waits for a decision',
    runbook: 'Dead effects',
  },
  {
    when: '`rate(hookline_effects_unknown_kind_total[5m]) > 0`',
    why: 'no relay can send effects of a kind, and what is behind them waits, too',
    runbook: 'Effects wait',
  },
  {
    when: '`rate(hookline_effect_attempts_total{outcome=~"failed|ambiguous|limited"}[10m]) > 0` for 30 min, or the 99th percentile of `hookline_effect_commit_to_sent_seconds` grows',
    why: 'a target does not take what is sent to it, or relays are slower than what is asked for',
    runbook: 'Effects wait',
  },
  {
    when: '`increase(hookline_shards_lost_total[10m]) > 0`, again and again',
    why: 'a relay does not come to renew its leases in time',
    runbook: 'Relays lose their shards',
  },
  {
    when: '`increase(hookline_delivery_flags_total{flag=~"suspected-replay|other-event|event-mismatch"}[1h]) > 0`',
    why: 'somebody posts again what was signed before, or under another event',
    runbook: 'Deliveries are held',
  },
  {
    when: '`increase(hookline_commands_total{outcome="refused"}[1h]) > 0`',
    why: 'a decision had no effect',
    runbook: 'A command is refused, or waits',
  },
  {
    when: '`sum(max by (partition) (hookline_partition_high_watermark) - max by (partition) (hookline_partition_next_offset))` grows for 10 min, or the 99th percentile of `hookline_accept_to_commit_seconds` does',
    why: 'the processor is slower than what arrives, or waits',
    runbook: 'The lag grows',
  },
  {
    when: '`rate(hookline_slice_retries_total[5m]) > 0` or `rate(hookline_relay_retries_total[5m]) > 0`, for 5 min',
    why: 'the database or the registry fails',
    runbook: 'A dependency is away',
  },
  {
    when: '`rate(hookline_group_joins_total[10m]) > 0.05`, `increase(hookline_kafka_clients_lost_total[10m]) > 3`, or `increase(hookline_fenced_total[10m]) > 3`',
    why: 'the group does not come to rest: members die, or are too slow',
    runbook: 'The group keeps rebalancing',
  },
  {
    when: '`increase(hookline_stale_owners_terminated_total[1h]) > 3`',
    why: 'owners lose their partitions in the middle of a transaction',
    runbook: 'The group keeps rebalancing',
  },
  {
    when: '`hookline_ingest_look_ups_stopped == 1`, `rate(hookline_ingest_look_up_failures_total[10m]) > 0` or `rate(hookline_ingest_looked_up_total{in_time="no"}[10m]) > 0`, for 10 min',
    why: 'known deliveries are appended, too, and found to be duplicates later; nothing is lost',
    runbook: 'Look-ups have stopped',
  },
  { when: '`/readyz` is 503 for 2 min', why: 'its body says which probe and why', runbook: 'Not ready' },
  { when: '`/livez` is 503', why: 'the platform restarts it; if it comes again, find out why', runbook: 'Not live' },
  {
    when: '`changes(process_start_time_seconds[1h]) > 3`',
    why: 'a process ends over and over',
    runbook: 'Exit codes',
  },
  {
    when: 'the job of `hookline retention run` fails twice, or the database grows beyond what its times explain',
    why: 'what is old does not go',
    runbook: 'What is old does not go',
  },
  {
    when: 'the job of `hookline verify` exits with 1',
    why: 'something is there that cannot be',
    runbook: 'Verify finds something',
  },
];

/** One row per alert. */
export function alertsMarkdown(): string {
  const rows = ALERTS.map(({ when, why, runbook }) => `| ${inTable(when)} | ${why} | ${runbookLink(runbook)} |`);
  return ['| Alert when | Why | What to do |', '|---|---|---|', ...rows, ''].join('\n');
}

/** Metrics that wake nobody, by the part of the runbook whose trouble they explain. */
const EXPLAINING: Readonly<Record<string, string>> = {
  hookline_build_info: 'Where to look',
  hookline_effect_attempt_seconds: 'Effects wait',
  hookline_effect_queues: 'Effects wait',
  hookline_effects_in_flight: 'Effects wait',
  hookline_effects_queued: 'Effects wait',
  hookline_ingest_look_up_seconds: 'Look-ups have stopped',
  hookline_ingest_reading_requests: 'Ingest answers 503',
  hookline_ingest_request_seconds: 'Ingest answers 503',
  hookline_lane_records: 'A repository waits in a lane',
  hookline_log_append_seconds: 'Ingest answers 503',
  hookline_log_batch_bytes: 'Ingest answers 503',
  hookline_log_batch_records: 'Ingest answers 503',
  hookline_log_queued_records: 'Ingest answers 503',
  hookline_records_total: 'The lag grows',
  hookline_relays: 'Relays lose their shards',
  hookline_shards_held: 'Relays lose their shards',
  hookline_shards_taken_total: 'Relays lose their shards',
  hookline_slice_records: 'The lag grows',
  hookline_slice_seconds: 'The lag grows',
  hookline_takeovers_total: 'The group keeps rebalancing',
};

/** Where the runbook speaks of a metric: a link for each alert that names it, none twice, or for what it explains. */
export function runbookLinks(metric: string): string {
  const waking = ALERTS.filter(({ when }) => metricsOf(when).includes(metric)).map(({ runbook }) => runbook);
  const explained = EXPLAINING[metric];
  return [...new Set([...waking, ...(explained ? [explained] : [])])].map(runbookLink).join(', ');
}

/** Our metrics that a text names. */
export function metricsOf(text: string): string[] {
  return text.match(/\bhookline_[a-z_]+/g) ?? [];
}

/** The anchor that GitHub gives a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

function runbookLink(heading: string): string {
  return `[${heading.charAt(0).toLowerCase()}${heading.slice(1)}](runbook.md#${anchorOf(heading)})`;
}

function inTable(text: string): string {
  return text.replaceAll('|', '\\|');
}
