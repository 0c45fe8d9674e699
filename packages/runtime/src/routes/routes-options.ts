import { option } from '../options/kinds.ts';

/** Which deliveries go where without code: the same file for the processor and the relay. */
export const routesOptions = {
  routesFile: option.optionalString({
    env: 'HOOKLINE_ROUTES_FILE',
    help:
      'JSON file with the list of routes: name, on, forward (a URL), secretFile or secretEnv, timeoutMs, maxAttempts, ' +
      'on4xx, sources. The processor reads it when it starts, the relay also when it changes.',
  }),
};
