/** What an owner saw when it halted, for whoever decides. */
export interface HaltState {
  reason: string;
  detail: string;
  /** Null where the database has no offset of the partition. */
  nextOffset: bigint | null;
  logStart: bigint | null;
  logEnd: bigint | null;
  /** What the consumer group has committed to Kafka. */
  committed: bigint | null;
  owner: string;
}

export interface PartitionHalt extends HaltState {
  partition: number;
  haltedAt: Date;
  /** It was written since the last takeover. An older one is being looked at anew: it is written again, or it is over. */
  isPresent: boolean;
}
