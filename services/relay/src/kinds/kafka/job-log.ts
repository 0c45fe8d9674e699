import type { DeliveryLog } from '@hookline/kafka';

/** One topic of jobs. */
export interface JobLog extends Pick<DeliveryLog, 'append'> {
  topic: string;
  partitions: number;
  /** The id of the envelope's schema; throws while the registry has not told it. */
  schemaId(): Promise<number>;
}

export type FollowedJobLog = { success: true; log: JobLog } | { success: false; problem: string };

/** The topics of jobs, of the generation that is configured and those after it. */
export interface JobLogs {
  first: JobLog;
  /** The one after a topic that has ended, or why none is known. Rejects while the database cannot be asked. */
  after(log: JobLog): Promise<FollowedJobLog>;
}
