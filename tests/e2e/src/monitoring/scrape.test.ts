import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findPrometheus } from '@hookline/local-stack';
import { until } from '@hookline/test-support';
import { githubDelivery, underGuid, type GithubDelivery } from '../traffic/github-delivery.ts';
import { createSender } from '../traffic/sender.ts';
import { filledIn, readDashboards } from './dashboards.ts';
import { startWatchedSystem, type WatchedSystem } from './watched-system.ts';

const found = await findPrometheus();
if (!found.success) console.warn(`Nothing was scraped by a real Prometheus: ${found.reason}.`);

/** What stays empty where nothing of the kind has happened: no breaker opened, no broker was away, nothing was lost. */
const MAY_BE_EMPTY = new Set([
  'Breakers',
  'The oldest lane',
  'The first effect waits since',
  'Kinds that nobody has',
  'Producers replaced',
  'Appends that fail',
  'Commands of operators',
  'Repeated because it failed',
]);

const REPOSITORIES = [1, 2, 3, 4, 5, 6, 7, 8];

/** Of everything that a dashboard shows, some: done, known, refused, failing, replayed, and given up by its target. */
function traffic(): GithubDelivery[] {
  const ordinary = REPOSITORIES.flatMap((repository) => [githubDelivery(repository), githubDelivery(repository)]);
  const [first, second] = ordinary as [GithubDelivery, GithubDelivery];
  const forged = githubDelivery(1);
  const deliveries = [
    ...ordinary,
    githubDelivery(90, { fails: true }),
    githubDelivery(91, { unwanted: true }),
    { ...forged, headers: { ...forged.headers, 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` } },
    underGuid(second, randomUUID()),
    first,
  ];
  return deliveries;
}

let watched: WatchedSystem;

(found.success ? describe : describe.skip)('a Prometheus that scrapes ingest, processor and relay', () => {
  const dashboards = readDashboards();
  const shown = dashboards.flatMap(({ panels }) =>
    panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr: filledIn(expr, '1m') }))),
  );

  beforeAll(async () => {
    const { programs } = found as Extract<typeof found, { success: true }>;
    watched = await startWatchedSystem({ programs });
    const { ingest, prometheus } = watched;
    // A counter is seen to grow only where it was seen before.
    const send = async (): Promise<void> => {
      const sender = createSender();
      await sender.postAll(
        traffic().map((delivery) => ({ delivery, url: ingest.url })),
        4,
      );
      sender.close();
    };
    const seen = async (query: string): Promise<boolean> => (await prometheus.query(query)).length > 0;
    await send();
    await until('what came first is seen', async () =>
      seen('hookline_effects_dead_total > 0 and on () hookline_dead_letters_total > 0'),
    );
    await send();
    await until('what came second is seen', async () =>
      seen('increase(hookline_effects_dead_total[1m]) > 0 and on () increase(hookline_dead_letters_total[1m]) > 0'),
    );
  }, 180_000);
  afterAll(() => watched?.stop());

  it('reaches all three, and takes every rule', async () => {
    const { prometheus } = watched;
    const up = await prometheus.query('up == 1');
    expect(new Set(up.map(({ metric }) => metric['job']))).toEqual(new Set(['ingest', 'processor', 'relay']));
    const { groups } = await prometheus.ask<{ groups: { rules: { name: string; health: string }[] }[] }>('rules');
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(40);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
  });

  // What a service does not have is no error of PromQL's: a dashboard stays empty, an alert quiet, and nobody knows.
  it('knows every metric that a dashboard or a rule asks for, by its right type', async () => {
    const { prometheus } = watched;
    const described = await prometheus.ask<Record<string, { type: string }[]>>('metadata');
    const { groups } = await prometheus.ask<{ groups: { rules: { query: string }[] }[] }>('rules');
    const asked = [...shown.map(({ expr }) => expr), ...groups.flatMap(({ rules }) => rules.map(({ query }) => query))];
    const names = new Set(
      asked.flatMap((expr) => expr.replaceAll(/"[^"]*"/g, '').match(/(?<!\w:)\bhookline_\w+(?![\w:])/g) ?? []),
    );
    expect(names.size).toBeGreaterThan(40);
    for (const name of names) {
      const part = /_(bucket|count|sum)$/.exec(name)?.[0] ?? '';
      const type = described[name.slice(0, name.length - part.length)]?.[0]?.type;
      const wanted = part !== '' ? 'histogram' : name.endsWith('_total') ? 'counter' : 'gauge';
      expect([name, type]).toEqual([name, wanted]);
    }
  });

  it('has an answer to every query of the dashboards', async () => {
    const { prometheus } = watched;
    expect(shown.length).toBeGreaterThan(60);
    // One rule is evaluated behind another, and the first time may be before there was traffic to record.
    const recorded = new Set(shown.flatMap(({ expr }) => expr.match(/\binstallation:[\w:]+/g) ?? []));
    expect(recorded.size).toBeGreaterThan(3);
    for (const name of recorded) {
      await until(`the rule ${name} has recorded`, async () => (await prometheus.query(name)).length > 0);
    }
    const empty = await Promise.all(
      shown.map(async ({ title, expr }) => ({ title, expr, found: (await prometheus.query(expr)).length })),
    );
    expect(empty.filter(({ title, found: series }) => series === 0 && !MAY_BE_EMPTY.has(title))).toEqual([]);
    // The list above names panels that there are.
    expect([...MAY_BE_EMPTY].filter((title) => !shown.some((panel) => panel.title === title))).toEqual([]);
  });

  it('wakes nobody for an ordinary day', async () => {
    const firing = await watched.prometheus.query('ALERTS{alertstate="firing",severity="critical"}');
    expect(firing.map(({ metric }) => metric['alertname'])).toEqual([]);
  });
});
