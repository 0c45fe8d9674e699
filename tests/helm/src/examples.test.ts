import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_PARTITIONS, DEFAULT_RETENTION_MS, DEFAULT_TOPIC, topicConfig } from '@hookline/contracts';
import { connectionProblems, readConfig } from '../../../packages/runtime/src/index.ts';
import { COMPONENTS } from '../../../scripts/helm/settings.ts';
import { chart, HAS_HELM } from './chart.ts';
import { environmentOf, podsOf } from './pods.ts';
import { EXAMPLES, lint, manifestsOf } from './render.ts';

const examples = globSync('*.values.yaml', { cwd: EXAMPLES }).toSorted();

(HAS_HELM ? describe : describe.skip)('the examples', () => {
  it('are there', () => expect(examples.length).toBeGreaterThan(3));

  it.each(examples)('%s passes lint, and Kubernetes would take it', async (name) => {
    const file = join(EXAMPLES, name);
    const { ok, stdout } = await lint(chart.helm, file);
    expect([ok, stdout]).toEqual([true, expect.not.stringContaining('[WARNING]')]);
    expect((await chart.render(file)).length).toBeGreaterThan(15);
  });

  // A pod with a setting that its program does not take would start, and stop again with exit code 2.
  it.each(examples)('%s gives every program settings that it has and takes', async (name) => {
    const pods = podsOf(await chart.render(join(EXAMPLES, name)));
    expect(new Set(pods.map(({ component }) => component)).size).toBeGreaterThan(5);
    for (const pod of pods) {
      const table = COMPONENTS[pod.component];
      if (table === undefined) throw new Error(`${pod.component} has no settings.`);
      const environment = environmentOf(pod);
      // What stands in the file is the user's.
      const read = { ...environment, HOOKLINE_DATABASE_URL: 'postgresql://h', HOOKLINE_DATABASE_URL_FILE: undefined };
      const result = readConfig(table, read);
      expect([pod.owner, result.success ? [] : result.errors]).toEqual([pod.owner, []]);
      const known = Object.values(table).flatMap(({ env, secret }) => (secret ? [env, `${env}_FILE`] : [env]));
      expect([pod.owner, Object.keys(environment).filter((env) => !known.includes(env))]).toEqual([pod.owner, []]);
      // Mounted files are not here: which of them are missing is not the question.
      const problems = result.success ? connectionProblems(result.config) : [];
      expect(problems.filter((problem) => !/^HOOKLINE_[A-Z_]+_FILE: /.test(problem))).toEqual([]);
    }
  });
});

it('the topic of Strimzi is the one that `hookline topics create` makes', () => {
  const [topic] = manifestsOf(readFileSync(join(EXAMPLES, 'strimzi.yaml'), 'utf8'));
  const { partitions, replicas, config } = topic?.spec as { partitions: number; replicas: number; config: object };
  const settings = {
    partitions: DEFAULT_PARTITIONS,
    replicationFactor: 3,
    minInSyncReplicas: 2,
    retentionMs: DEFAULT_RETENTION_MS,
  };
  const texts = Object.entries(config).map(([name, value]) => [name, String(value)]);
  expect(topic?.metadata.name).toBe(DEFAULT_TOPIC);
  expect([partitions, replicas]).toEqual([settings.partitions, settings.replicationFactor]);
  expect(Object.fromEntries(texts)).toEqual(topicConfig(settings));
});
