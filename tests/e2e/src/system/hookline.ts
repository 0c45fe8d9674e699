import { serviceUrls } from '@hookline/local-stack';
import type { ProcessEnd } from '@hookline/test-support';
import type { System } from './start-system.ts';

/** Runs the command line in a process of its own, with the rights of an operator, as `ada`. */
export function hookline(system: Pick<System, 'start' | 'databaseUrl'>, ...args: string[]): Promise<ProcessEnd> {
  const env = { HOOKLINE_DATABASE_URL: serviceUrls(system.databaseUrl).operator, HOOKLINE_ACTOR: 'ada' };
  return system.start({ main: 'packages/cli/src/main.ts', args, env }).ended;
}
