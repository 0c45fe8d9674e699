import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { chart, HAS_HELM } from './chart.ts';
import { environmentOf, podOf } from './pods.ts';
import { EXAMPLES } from './render.ts';

const MINIMAL = join(EXAMPLES, 'minimal.values.yaml');

// What is refused here is refused before anything is changed: no hook runs, no pod is replaced.
(HAS_HELM ? describe : describe.skip)('values that are wrong', () => {
  it.each<[name: string, values: object, why: RegExp]>([
    ['a mistyped value', { ingest: { replicsa: 3 } }, /additional properties 'replicsa' not allowed/],
    [
      'a setting that nobody has',
      { config: { HOOKLINE_TOPIC_PARTITION: 3 } },
      /'HOOKLINE_TOPIC_PARTITION' not allowed/,
    ],
    ['a setting of another service', { relay: { config: { HOOKLINE_SLICE_RECORDS: 3 } } }, /'HOOKLINE_SLICE_RECORDS'/],
    ['a setting that the chart makes', { config: { HOOKLINE_KAFKA_BROKERS: 'k:9092' } }, /'HOOKLINE_KAFKA_BROKERS'/],
    ['a secret among the settings', { config: { HOOKLINE_DATABASE_URL: 'postgresql://' } }, /'HOOKLINE_DATABASE_URL'/],
    ['a setting out of its range', { config: { HOOKLINE_DATABASE_POOL_SIZE: 1 } }, /minimum: got 1, want 2/],
    ['a word that is none', { config: { HOOKLINE_LOG_LEVEL: 'loud' } }, /must be one of/],
    ['no brokers', { kafka: { brokers: [] } }, /kafka\.brokers is empty: name the brokers/],
    ['no registry', { registry: { url: '' } }, /registry\.url is empty/],
    ['no source', { ingest: { sources: [] } }, /ingest has no source/],
    ['more processors than partitions', { processor: { replicas: 25 } }, /replicas is 25: the topic has 24 partitions/],
    [
      'two ways of reading metrics',
      { podMonitor: { enabled: true }, serviceMonitor: { enabled: true } },
      /count every process twice/,
    ],
    ['a runbook that is no URL', { runbookUrl: 'wiki/"runbook' }, /runbookUrl/],
    ['SASL without credentials', { kafka: { sasl: { mechanism: 'plain' } } }, /existingSecret/],
  ])('%s', async (_name, values, why) => {
    expect(await chart.refusal(MINIMAL, values)).toMatch(why);
  });

  it('but numbers of a setting are taken with all of their digits', async () => {
    const manifests = await chart.render(MINIMAL, { config: { HOOKLINE_TOPIC_RETENTION_MS: 3_153_600_000_000 } });
    expect(environmentOf(podOf(manifests, 'topics'))['HOOKLINE_TOPIC_RETENTION_MS']).toBe('3153600000000');
  });
});
