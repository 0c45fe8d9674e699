import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { chart, HAS_HELM } from './chart.ts';
import { one, podsOf } from './pods.ts';
import { CHART, EXAMPLES } from './render.ts';

const PRODUCTION = join(EXAMPLES, 'production.values.yaml');

(HAS_HELM ? describe : describe.skip)('monitoring', () => {
  it('reads the metrics of every service, on a port that it has', async () => {
    const manifests = await chart.render(PRODUCTION);
    const { selector, podMetricsEndpoints } = one(manifests, 'PodMonitor', 'hookline').spec as PodMonitor;
    const wanted = selector.matchExpressions[0]?.values ?? [];
    const pods = podsOf(manifests).filter(
      ({ component, labels }) => fits(selector.matchLabels, labels) && wanted.includes(component),
    );
    expect(pods.map(({ component }) => component)).toEqual(['ingest', 'processor', 'relay']);
    for (const { spec } of pods) {
      expect(spec.containers[0]?.ports?.map(({ name }) => name)).toContain(podMetricsEndpoints[0]?.port);
    }
  });

  it('reads them by Services instead, of pods that are not ready, too, and never by the one that faces outside', async () => {
    const instead = { podMonitor: { enabled: false }, serviceMonitor: { enabled: true, labels: { release: 'p' } } };
    const manifests = await chart.render(PRODUCTION, instead);
    expect(manifests.filter(({ kind }) => kind === 'PodMonitor')).toEqual([]);
    const { metadata, spec } = one(manifests, 'ServiceMonitor', 'hookline');
    const { selector, endpoints } = spec as ServiceMonitor;
    expect(metadata.labels).toMatchObject({ release: 'p' });
    const read = manifests
      .filter(({ kind, metadata: { labels } }) => kind === 'Service' && fits(selector.matchLabels, labels ?? {}))
      .map((service) => service.spec as Service)
      .filter(({ ports }) => ports.some(({ name }) => name === endpoints[0]?.port));
    expect(read).toHaveLength(3);
    const pods = read.flatMap((service) => podsOf(manifests).filter(({ labels }) => fits(service.selector, labels)));
    expect(pods.map(({ component }) => component)).toEqual(['ingest', 'processor', 'relay']);
    for (const { clusterIP, publishNotReadyAddresses, ports } of read) {
      expect([clusterIP, publishNotReadyAddresses]).toEqual(['None', true]);
      const served = pods[0]?.spec.containers[0]?.ports?.find(({ name }) => name === ports[0]?.targetPort);
      expect(served?.containerPort).toBe(ports[0]?.port);
    }
    const outside = one(manifests, 'Service', 'hookline-ingest').spec as Service;
    expect(outside.ports.map(({ name }) => name)).toEqual(['webhooks']);
  });

  // What the rules group by: without it two releases in a namespace are one.
  it('names the installation in every series', async () => {
    for (const kind of ['podMonitor', 'serviceMonitor']) {
      const off = { podMonitor: { enabled: false }, serviceMonitor: { enabled: false } };
      const manifests = await chart.render(PRODUCTION, { ...off, [kind]: { enabled: true } });
      const monitors = manifests.filter(({ kind: is }) => /^(Pod|Service)Monitor$/.test(is));
      expect(monitors).toHaveLength(1);
      const { podMetricsEndpoints, endpoints } = monitors[0]?.spec as Partial<PodMonitor & ServiceMonitor>;
      expect((podMetricsEndpoints ?? endpoints)?.map(({ relabelings }) => relabelings)).toEqual([
        [{ action: 'replace', targetLabel: 'installation', replacement: 'hookline' }],
      ]);
    }
  });

  it('leads to the runbook where people read it', async () => {
    const of = async (values: object) => {
      const manifests = await chart.render(PRODUCTION, values);
      const { groups } = one(manifests, 'PrometheusRule', 'hookline').spec as { groups: { rules: Rule[] }[] };
      const urls = groups.flatMap(({ rules }) => rules.flatMap(({ annotations }) => annotations?.runbook_url ?? []));
      const texts = manifests.flatMap(({ metadata, data }) => (/dashboard/.test(metadata.name) ? [data ?? {}] : []));
      const dashboards = texts.flatMap((files) => Object.values(files).map((text) => JSON.parse(text) as Dashboard));
      const constants = dashboards.map(
        ({ templating }) => templating.list.find(({ name }) => name === 'runbook')?.query,
      );
      return { pages: new Set(urls.map((url) => url.replace(/#[a-z0-9-]+$/, ''))), constants: new Set(constants) };
    };
    const path = new Set(['docs/operating/runbook.md']);
    expect(await of({})).toEqual({ pages: path, constants: path });
    const url = 'https://wiki.example.com/teams/hooks/runbook?view=plain&v=1';
    expect(await of({ runbookUrl: url })).toEqual({ pages: new Set([url]), constants: new Set([url]) });
  });

  it('carries all rules and dashboards as they are in the files', async () => {
    const manifests = await chart.render(PRODUCTION);
    const groups = globSync('files/rules/*.yaml', { cwd: CHART })
      .toSorted()
      .flatMap((path) => (parse(readFileSync(join(CHART, path), 'utf8')) as { groups: object[] }).groups);
    expect((one(manifests, 'PrometheusRule', 'hookline').spec as { groups: object[] | null }).groups ?? []).toEqual(
      groups,
    );
    const dashboards = globSync('files/dashboards/*.json', { cwd: CHART }).toSorted();
    const maps = manifests.filter(({ metadata }) => metadata.labels?.['grafana_dashboard'] === '1');
    expect(Object.assign({}, ...maps.map(({ data }) => data))).toEqual(
      Object.fromEntries(dashboards.map((path) => [basename(path), readFileSync(join(CHART, path), 'utf8')])),
    );
  });

  it('needs nothing of an operator that is not there', async () => {
    const kinds = (await chart.render(join(EXAMPLES, 'minimal.values.yaml'))).map(({ apiVersion }) => apiVersion);
    expect(kinds.filter((version) => /monitoring|keda/.test(version))).toEqual([]);
  });
});

function fits(matchLabels: Record<string, string>, labels: Record<string, string>): boolean {
  return Object.entries(matchLabels).every(([name, value]) => labels[name] === value);
}

interface Endpoint {
  port: string;
  relabelings: object[];
}

interface PodMonitor {
  selector: { matchLabels: Record<string, string>; matchExpressions: { values: string[] }[] };
  podMetricsEndpoints: Endpoint[];
}

interface ServiceMonitor {
  selector: { matchLabels: Record<string, string> };
  endpoints: Endpoint[];
}

interface Service {
  clusterIP?: string;
  publishNotReadyAddresses?: boolean;
  selector: Record<string, string>;
  ports: { name: string; port: number; targetPort: string }[];
}

interface Rule {
  annotations?: { runbook_url: string };
}

interface Dashboard {
  templating: { list: { name: string; query: unknown }[] };
}
