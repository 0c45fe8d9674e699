import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { chart, HAS_HELM } from './chart.ts';
import { openings } from './network.ts';
import { podOf, podsOf } from './pods.ts';
import { EXAMPLES, type Manifest } from './render.ts';

const PRODUCTION = join(EXAMPLES, 'production.values.yaml');
const MINIMAL = join(EXAMPLES, 'minimal.values.yaml');

(HAS_HELM ? describe : describe.skip)('what pods may', () => {
  let manifests: Manifest[];
  beforeAll(async () => {
    manifests = await chart.render(PRODUCTION);
  });

  // The Pod Security Standard, point by point: a namespace that enforces it takes every pod.
  it('fits the standard "restricted"', () => {
    const pods = podsOf(manifests);
    expect(pods).toHaveLength(7);
    for (const { owner, spec } of pods) {
      expect([owner, spec.securityContext]).toEqual([
        owner,
        expect.objectContaining({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }),
      ]);
      for (const { securityContext } of spec.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
      const kinds = (spec.volumes ?? []).flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name'));
      expect(new Set([...kinds, 'configMap', 'emptyDir', 'projected', 'secret'])).toEqual(
        new Set(['configMap', 'emptyDir', 'projected', 'secret']),
      );
      expect(Object.keys(spec).filter((key) => key.startsWith('host'))).toEqual([]);
    }
  });

  it('gives no pod a token of Kubernetes', () => {
    expect(podsOf(manifests).map(({ spec }) => spec.automountServiceAccountToken)).toEqual(Array(7).fill(false));
  });

  it('holds no secret: they are named, and mounted', () => {
    expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const names = podsOf(manifests).flatMap(({ spec }) => spec.containers.flatMap(({ env = [] }) => env));
    expect(names.filter(({ name }) => /PASSWORD$|_SECRET$|DATABASE_URL$|TOKEN$/.test(name))).toEqual([]);
  });

  // A processor that could read the owner's URL would make roles pointless.
  it("shows each service its own login of the database, and nobody the owner's but the owner's jobs", () => {
    const keys = podsOf(manifests).map(({ component, spec }) => [component, databaseKey(spec.volumes ?? [])]);
    expect(Object.fromEntries(keys)).toEqual({
      ingest: 'ingest',
      processor: 'processor',
      relay: 'relay',
      migrations: 'owner',
      topics: 'owner',
      retention: 'owner',
      verify: 'operator',
    });
  });
});

(HAS_HELM ? describe : describe.skip)('the network', () => {
  const ports = (manifests: readonly Manifest[], component: string, way: 'Ingress' | 'Egress') =>
    [...openings(manifests, podOf(manifests, component), way).keys()].toSorted((a, b) => a - b);

  it('lets each pod reach what it needs, and nothing else', async () => {
    const manifests = await chart.render(MINIMAL, { verify: { enabled: true } });
    const egress = podsOf(manifests).map(({ component }) => [component, ports(manifests, component, 'Egress')]);
    expect(Object.fromEntries(egress)).toEqual({
      ingest: [53, 5432, 8080, 9092],
      processor: [53, 5432, 8080, 9092],
      relay: [53, 443, 5432, 8080, 9092],
      migrations: [53, 5432],
      topics: [53, 5432, 8080, 9092],
      retention: [53, 5432, 9092],
      verify: [53, 5432, 9092],
    });
  });

  it('lets nobody reach what does not serve', async () => {
    const manifests = await chart.render(MINIMAL);
    const ingress = podsOf(manifests).map(({ component }) => [component, ports(manifests, component, 'Ingress')]);
    expect(Object.fromEntries(ingress)).toEqual({
      ingest: [8080, 9464],
      processor: [9464],
      relay: [9464],
      migrations: [],
      topics: [],
      retention: [],
    });
  });

  it('follows the ports of brokers and registry, said or not', async () => {
    const manifests = await chart.render(MINIMAL, {
      kafka: { brokers: ['a:9093', 'b:9094', 'c:9093'] },
      registry: { url: 'https://registry.example.com/apis/ccompat/v7' },
    });
    expect(ports(manifests, 'processor', 'Egress')).toEqual([53, 443, 5432, 9093, 9094]);
  });

  it('lets those who send traces reach the collector, and nobody else', async () => {
    const endpoint = { HOOKLINE_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' };
    const traced = async (values: object) => {
      const manifests = await chart.render(MINIMAL, values);
      return podsOf(manifests).flatMap(({ component }) =>
        ports(manifests, component, 'Egress').includes(4318) ? [component] : [],
      );
    };
    expect(await traced({})).toEqual([]);
    expect(await traced({ config: endpoint })).toEqual(['ingest', 'processor', 'relay']);
    expect(await traced({ processor: { config: endpoint } })).toEqual(['processor']);
    const collector = [{ podSelector: { matchLabels: { app: 'collector' } } }];
    const bounded = await chart.render(MINIMAL, { config: endpoint, networkPolicy: { tracesTo: collector } });
    expect(openings(bounded, podOf(bounded, 'relay'), 'Egress').get(4318)).toEqual(collector);
  });

  it('keeps webhooks to those who may post them, and effects away from where clouds keep credentials', async () => {
    const manifests = await chart.render(PRODUCTION);
    const labels = { 'kubernetes.io/metadata.name': 'ingress-nginx' };
    expect(openings(manifests, podOf(manifests, 'ingest'), 'Ingress').get(8080)).toEqual([
      { namespaceSelector: { matchLabels: labels } },
    ]);
    expect(openings(manifests, podOf(manifests, 'relay'), 'Egress').get(443)).toContainEqual({
      ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] },
    });
  });

  // Jobs run before the release has changed: with the policy of the release before it, and none of their own.
  it('has the policies of hooks before the hooks', async () => {
    const manifests = await chart.render(MINIMAL);
    const weights = manifests
      .filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'])
      .map(({ kind, metadata }) => `${kind} ${metadata.annotations?.['helm.sh/hook-weight']}`);
    expect(weights.toSorted()).toEqual(['Job -4', 'Job -5', 'NetworkPolicy -10', 'NetworkPolicy -10']);
  });
});

interface DatabaseVolume {
  name?: string;
  projected?: { sources: { secret: { items: { key: string; path: string }[] } }[] };
}

function databaseKey(volumes: readonly DatabaseVolume[]): string | undefined {
  const sources = volumes.find(({ name }) => name === 'database')?.projected?.sources ?? [];
  const items = sources.flatMap(({ secret }) => secret.items);
  return items.find(({ path }) => path === 'url')?.key;
}
