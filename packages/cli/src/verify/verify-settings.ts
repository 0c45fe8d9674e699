import { databaseOptions, retentionOptions } from '@hookline/runtime';
import { partitionOptions } from '../settings.ts';

const { commandRetentionMs } = retentionOptions;

/** What `hookline verify` needs; without the log, the database alone. */
export const verifyOptions = { ...partitionOptions, commandRetentionMs };
export const verifyTablesOptions = { ...databaseOptions, commandRetentionMs };
