import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);

/** No module of OpenTelemetry can be loaded in a process that has this on its command line; the metrics' own use of its API can. */
const REFUSING = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve(specifier, context, next) {
      const isOurs = !context.parentURL?.includes('/prom-client/');
      if (isOurs && specifier.startsWith('@opentelemetry/')) throw new Error('OpenTelemetry is loaded.');
      return next(specifier, context);
    },
  });
`)}`;

const node = (...args: string[]) => run(process.execPath, [...process.execArgv, '--import', REFUSING, ...args]);

// It costs memory and the time of a start, and nobody who has no collector should pay for it.
describe('without traces', () => {
  it.each(['ingest', 'processor', 'relay'])('%s loads nothing of OpenTelemetry', async (service) => {
    const main = fileURLToPath(new URL(`../../../services/${service}/src/main.ts`, import.meta.url));
    expect((await node(main, '--help')).stdout).toContain('HOOKLINE_TRACES_ENDPOINT');
  });

  it('only a process with an endpoint does', async () => {
    const opening = (endpoint: string) =>
      node(
        '--input-type=module',
        '--eval',
        `import { openTracing } from ${JSON.stringify(new URL('../../../packages/runtime/src/tracing/open-tracing.ts', import.meta.url))};
         await openTracing({ tracesEndpoint: ${endpoint}, tracesSampleRatio: 1 }, {});`,
      );
    await opening('undefined');
    await expect(opening("'http://127.0.0.1:1/'")).rejects.toThrow('OpenTelemetry is loaded.');
  });
});
