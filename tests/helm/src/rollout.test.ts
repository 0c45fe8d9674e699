import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { chart, HAS_HELM } from './chart.ts';
import { environmentOf, one, podOf, type Pod } from './pods.ts';
import { EXAMPLES, type Manifest } from './render.ts';

const MINIMAL = join(EXAMPLES, 'minimal.values.yaml');
const SERVICES = ['ingest', 'processor', 'relay'];

const graceOf = ({ spec }: Pod): number => spec.terminationGracePeriodSeconds as number;

(HAS_HELM ? describe : describe.skip)('a rollout', () => {
  // Killed in the middle of its drain, a process leaves what the drain is for undone.
  it('gives a pod more time to stop than its drain may take, whatever that is', async () => {
    const standard = await chart.render(MINIMAL);
    expect(SERVICES.map((name) => graceOf(podOf(standard, name)))).toEqual([8 + 25 + 5, 25 + 5, 25 + 5]);
    const longer = await chart.render(MINIMAL, {
      config: { HOOKLINE_STOP_GRACE_MS: 40_500 },
      processor: { config: { HOOKLINE_STOP_GRACE_MS: 120_000 } },
    });
    expect(SERVICES.map((name) => graceOf(podOf(longer, name)))).toEqual([8 + 41 + 5, 120 + 5, 41 + 5]);
    expect(environmentOf(podOf(longer, 'processor'))['HOOKLINE_STOP_GRACE_MS']).toBe('120000');
  });

  it('takes no pod away before a new one is ready', async () => {
    const manifests = await chart.render(MINIMAL);
    for (const name of SERVICES) {
      const { strategy, minReadySeconds } = one(manifests, 'Deployment', `hookline-${name}`).spec as Deployment;
      expect(strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
      expect(minReadySeconds).toBeGreaterThan(0);
    }
  });

  it('has ingest take connections until nobody sends it any more', async () => {
    const [container] = podOf(await chart.render(MINIMAL), 'ingest').spec.containers;
    expect(container?.lifecycle?.preStop?.sleep?.seconds).toBe(8);
  });

  it('restarts processor and relay when routes change, and ingest not when sources do', async () => {
    const route = { name: 'bot', on: ['*'], forward: 'https://bot.example.com/' };
    const before = await chart.render(MINIMAL, { routes: [route] });
    const after = await chart.render(MINIMAL, {
      routes: [{ ...route, on: ['push'] }],
      ingest: { sources: [{ name: 'other', secrets: [{ label: 'first', secretEnv: 'SECRET' }] }] },
    });
    const changed = SERVICES.filter(
      (name) => JSON.stringify(templateOf(before, name)) !== JSON.stringify(templateOf(after, name)),
    );
    expect(changed).toEqual(['processor', 'relay']);
  });

  it('changes nothing of a second rendering', async () => {
    expect(await chart.render(MINIMAL)).toEqual(await chart.render(MINIMAL));
  });
});

(HAS_HELM ? describe : describe.skip)('scaling', () => {
  it('never asks for more processors than there are partitions', async () => {
    const autoscaling = { enabled: true, minReplicas: 30, maxReplicas: 100 };
    const of = async (config: object) =>
      one(await chart.render(MINIMAL, { config, processor: { autoscaling } }), 'ScaledObject', 'hookline-processor')
        .spec as ScaledObject;
    expect(await of({})).toMatchObject({ minReplicaCount: 24, maxReplicaCount: 24 });
    expect(await of({ HOOKLINE_TOPIC_PARTITIONS: 64 })).toMatchObject({ minReplicaCount: 30, maxReplicaCount: 64 });
    // While the log moves to more partitions, those of both generations count.
    expect(await of({ HOOKLINE_TOPIC_NEXT_PARTITIONS: 48 })).toMatchObject({ maxReplicaCount: 48 });
  });

  it('looks at the lag of the group and topic that the processor has', async () => {
    const manifests = await chart.render(MINIMAL, {
      config: { HOOKLINE_TOPIC_GENERATION: 2, HOOKLINE_TOPIC: 'hooks' },
      processor: { autoscaling: { enabled: true }, config: { HOOKLINE_CONSUMER_GROUP: 'ours' } },
    });
    const { triggers } = one(manifests, 'ScaledObject', 'hookline-processor').spec as ScaledObject;
    expect(triggers[0]?.metadata).toMatchObject({ consumerGroup: 'ours.hooks.g2', topic: 'hooks.g2' });
  });

  it('leaves the number of pods to what scales them', async () => {
    const scaled = { autoscaling: { enabled: true } };
    const manifests = await chart.render(MINIMAL, { ingest: scaled, processor: scaled });
    const replicas = SERVICES.map(
      (name) => (one(manifests, 'Deployment', `hookline-${name}`).spec as Deployment).replicas,
    );
    expect(replicas).toEqual([undefined, undefined, 2]);
    expect(one(manifests, 'HorizontalPodAutoscaler', 'hookline-ingest').spec).toMatchObject({ maxReplicas: 10 });
  });
});

interface Deployment {
  replicas?: number;
  strategy: object;
  minReadySeconds: number;
  template: object;
}

interface ScaledObject {
  minReplicaCount: number;
  maxReplicaCount: number;
  triggers: { metadata: Record<string, string> }[];
}

function templateOf(manifests: readonly Manifest[], name: string): object {
  return (one(manifests, 'Deployment', `hookline-${name}`).spec as Deployment).template;
}
