import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aDelivery } from '@hookline/test-support';
import { createLogWorld, type LogWorld } from '../testing/log-world.ts';
import { routeHandlers, routeProblems } from './route-handlers.ts';

const routesFile = join(mkdtempSync(join(tmpdir(), 'hookline-routes-')), 'routes.json');
const write = (routes: unknown): void => writeFileSync(routesFile, JSON.stringify(routes));

let world: LogWorld;
beforeAll(async () => {
  world = await createLogWorld();
});
afterAll(() => world.close());

describe('a route', () => {
  it('has each delivery that it asks for forwarded, in its own queue, with the body as it came', async () => {
    write([
      { name: 'ci', on: ['push'], forward: 'https://ci.example/hook', sources: ['main'] },
      { name: 'log', on: ['*'], forward: 'https://log.example/hook' },
    ]);
    const { read } = world;
    const deliveries = [
      aDelivery({ event: 'push', action: null, source: 'main' }),
      aDelivery({ event: 'issues', source: 'main' }),
      aDelivery({ event: 'push', action: null, source: 'other' }),
    ];
    const records = deliveries.map((delivery, i) => read(i, delivery));
    const owner = await world.own([records], { handlers: routeHandlers({ routesFile }) });
    await owner.worker.run();
    const { rows } = await world.database.query(
      `select guid, handler, queue, kind, request, body_bytes, headers is not null as headers
         from hookline.outbox order by position`,
    );
    const row = (i: number, route: string) => ({
      guid: deliveries[i]?.guid,
      handler: `route:${route}`,
      queue: route,
      kind: 'http.forward',
      request: { route },
      body_bytes: deliveries[i]?.body.length,
      headers: true,
    });
    expect(rows).toEqual([row(0, 'ci'), row(0, 'log'), row(1, 'log'), row(2, 'log')]);
  });
});

describe('routes', () => {
  it('need not be there', () => {
    expect(routeProblems({})).toEqual([]);
    expect(routeHandlers({})).toEqual([]);
  });

  it('that ask for what never comes are named', () => {
    write([
      { name: 'ci', on: ['pusch', 'issues.opend'], forward: 'https://ci.example/hook' },
      { name: 'log', on: ['*'], forward: 'https://log.example/hook' },
    ]);
    const problems = [
      'HOOKLINE_ROUTES_FILE: the route "ci": GitHub has no event "pusch". Did you mean push?',
      'HOOKLINE_ROUTES_FILE: the route "ci": The event issues has no action "opend". Did you mean issues.opened?',
    ];
    expect(routeProblems({ routesFile })).toEqual(problems);
    expect(() => routeHandlers({ routesFile })).toThrow(problems.join(' '));
  });

  it('that cannot be read are named', () => {
    write({});
    expect(routeProblems({ routesFile })).toEqual([
      `HOOKLINE_ROUTES_FILE (${routesFile}): It is not a list of routes.`,
    ]);
  });
});
