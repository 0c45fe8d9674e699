import { retentionOptions } from '@hookline/runtime';
import { partitionOptions } from './settings.ts';

const { topicRetentionMs: _, ...keptOptions } = retentionOptions;

/** What removing needs: how long what is kept. How long the log keeps records is asked of Kafka. */
export const retentionRunOptions = { ...partitionOptions, ...keptOptions };
