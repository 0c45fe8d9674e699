/** A round that bugs are to be caught in. */
export interface SeededRound {
  faults: readonly string[];
  deliveries: number;
  /** Milliseconds over which they are sent. */
  spreadMs: number;
}

/** Short ones: what is to be seen in them is seen in a few hundred deliveries. */
export const ROUNDS = {
  calm: { faults: [], deliveries: 300, spreadMs: 2000 },
  failing: { faults: ['handlers-fail-a-while', 'handlers-fail-for-ever'], deliveries: 300, spreadMs: 2500 },
  dying: { faults: ['kill-after-dead-letter'], deliveries: 200, spreadMs: 3000 },
  misuse: { faults: ['handlers-misuse', 'handlers-misuse-for-ever'], deliveries: 200, spreadMs: 2500 },
  'put-off': { faults: ['handlers-not-their-fault'], deliveries: 200, spreadMs: 2500 },
  hanging: { faults: ['handlers-hang-for-ever'], deliveries: 100, spreadMs: 1500 },
  exiting: { faults: ['handlers-exit'], deliveries: 100, spreadMs: 1500 },
  spinning: { faults: ['handlers-spin'], deliveries: 100, spreadMs: 1500 },
  'fleet-failing': { faults: ['handlers-fleet-fails'], deliveries: 200, spreadMs: 2500 },
  killed: {
    faults: ['kill-before-commit', 'kill-after-handlers', 'kill-after-audit'],
    deliveries: 900,
    spreadMs: 5000,
  },
  frozen: { faults: ['freeze-processor', 'freeze-after-fence'], deliveries: 1200, spreadMs: 6000 },
  'frozen-lanes': {
    faults: ['freeze-before-lane-removal', 'freeze-after-lane-handlers'],
    deliveries: 600,
    spreadMs: 6000,
  },
  'piled-up': { faults: ['freeze-processor', 'clock-jumps'], deliveries: 900, spreadMs: 4000 },
  rebalanced: { faults: ['rebalance-storm', 'kill-processors'], deliveries: 900, spreadMs: 9000 },
  'commits-unheard': { faults: ['database-lose-commits', 'lose-after-commit'], deliveries: 900, spreadMs: 5000 },
  'database-away': { faults: ['database-cut', 'terminate-backends'], deliveries: 600, spreadMs: 4000 },
  'ingest-killed': { faults: ['kill-before-append', 'kill-ingests'], deliveries: 900, spreadMs: 5000 },
  'brokers-away': { faults: ['kill-broker', 'kafka-refuse'], deliveries: 900, spreadMs: 5000 },
  'kafka-away': { faults: ['kill-brokers'], deliveries: 900, spreadMs: 6000 },
  slowed: { faults: ['database-delay'], deliveries: 1200, spreadMs: 5000 },
  'acks-unheard': { faults: ['kafka-lose-acks', 'kafka-cut'], deliveries: 900, spreadMs: 5000 },
  strangers: { faults: ['strange-records'], deliveries: 200, spreadMs: 2000 },
  replays: { faults: ['operators-replays'], deliveries: 400, spreadMs: 6000 },
  'dead-decided': { faults: ['operators-dead-letters'], deliveries: 400, spreadMs: 8000 },
  'lanes-decided': { faults: ['operators-lanes'], deliveries: 500, spreadMs: 8000 },
  reread: { faults: ['operators-reread'], deliveries: 300, spreadMs: 6000 },
  moved: { faults: ['generation-moves'], deliveries: 600, spreadMs: 5000 },
  'moved-decided': {
    faults: ['generation-moves', 'operators-lanes', 'operators-replays'],
    deliveries: 600,
    spreadMs: 9000,
  },
  'moved-dead': { faults: ['generation-moves', 'operators-dead-letters'], deliveries: 600, spreadMs: 9000 },
  removed: { faults: ['retention-with-redeliveries'], deliveries: 600, spreadMs: 5000 },
  'topic-emptied': { faults: ['topic-recreated'], deliveries: 120, spreadMs: 1000 },
  'topic-refilled': { faults: ['topic-refilled'], deliveries: 120, spreadMs: 1000 },
  'records-expired': { faults: ['records-expired'], deliveries: 120, spreadMs: 1000 },
  'database-restored': { faults: ['database-restored'], deliveries: 120, spreadMs: 1000 },
  'offset-deleted': { faults: ['offset-deleted'], deliveries: 120, spreadMs: 1000 },
  sending: { faults: ['relay-redeliveries'], deliveries: 300, spreadMs: 4000 },
  'relay-killed': { faults: ['relay-kill-after-send'], deliveries: 400, spreadMs: 6000 },
  'relay-frozen': { faults: ['relay-freeze-after-claim-commit'], deliveries: 400, spreadMs: 6000 },
  'github-unheard': { faults: ['relay-github-unheard'], deliveries: 400, spreadMs: 6000 },
  'github-late': { faults: ['relay-github-late'], deliveries: 400, spreadMs: 6000 },
  'github-copied': { faults: ['relay-github-copied'], deliveries: 400, spreadMs: 6000 },
  'relay-wakes': { faults: ['relay-wakes-meanwhile'], deliveries: 500, spreadMs: 40_000 },
  'jobs-appended-twice': { faults: ['relay-lose-acks'], deliveries: 400, spreadMs: 8000 },
  'receiver-unheard': { faults: ['relay-receiver-unheard'], deliveries: 400, spreadMs: 6000 },
  'killed-with-effects': {
    faults: ['relay-redeliveries', 'kill-before-commit', 'kill-after-audit'],
    deliveries: 500,
    spreadMs: 5000,
  },
  'effects-removed': { faults: ['relay-redeliveries', 'retention-with-redeliveries'], deliveries: 500, spreadMs: 5000 },
} as const satisfies Record<string, SeededRound>;

export type RoundName = keyof typeof ROUNDS;
