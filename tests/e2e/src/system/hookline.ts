import { serviceUrls } from '@hookline/local-stack';
import type { ProcessEnd } from '@hookline/test-support';
import type { System } from './start-system.ts';

type Operated = Pick<System, 'start' | 'databaseUrl'>;

/** Runs the command line in a process of its own, with the rights of an operator, as `ada`, unless settings say otherwise. */
export function hooklineWith(
  system: Operated,
  settings: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<ProcessEnd> {
  const operator = { HOOKLINE_DATABASE_URL: serviceUrls(system.databaseUrl).operator, HOOKLINE_ACTOR: 'ada' };
  return system.start({ main: 'packages/cli/src/main.ts', args, env: { ...operator, ...settings } }).ended;
}

/** The same with no other settings than the system's. */
export const hookline = (system: Operated, ...args: string[]): Promise<ProcessEnd> => hooklineWith(system, {}, ...args);

/** What moving the log needs: it changes rows that only the tables' owner may, and there is one broker. */
export const movingSettings = ({ databaseUrl }: Pick<System, 'databaseUrl'>) => ({
  HOOKLINE_DATABASE_URL: databaseUrl,
  HOOKLINE_TOPIC_REPLICATION_FACTOR: '1',
  HOOKLINE_TOPIC_MIN_IN_SYNC_REPLICAS: '1',
});
