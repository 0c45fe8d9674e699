import { VERIFY_CODES } from '@hookline/database';
import { LOG_CODES } from './compare-log.ts';

/** Every code of `hookline verify`, with what it means. */
export const CODES: ReadonlyMap<string, string> = new Map([...VERIFY_CODES, ...Object.entries(LOG_CODES)]);
