import { createLogger, type Logger } from '@hookline/runtime';

/** For what logs: the services' logger writes to stdout, which belongs to a command's data. */
export function silentLogger(): Logger {
  return createLogger({ service: 'hookline', level: 'silent' });
}
