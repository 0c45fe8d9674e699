import { describe, expect, it } from '@jest/globals';
import {
  controlSubject,
  DEFAULT_RETENTION_MS,
  deliverySubject,
  kafkaGroupId,
  MAX_BODY_BYTES,
  MAX_RECORD_BYTES,
  topicConfig,
  topicName,
} from './topics.ts';

describe('the log', () => {
  it('has the plain name in its first generation, and another topic for each later one', () => {
    expect([1, 2, 10].map((generation) => topicName('github.deliveries', generation))).toEqual([
      'github.deliveries',
      'github.deliveries.g2',
      'github.deliveries.g10',
    ]);
  });

  it('has a consumer group of its own per topic', () => {
    expect(kafkaGroupId('hookline-processor', 'github.deliveries.g2')).toBe('hookline-processor.github.deliveries.g2');
  });

  it("keeps its schema under Confluent's default name, where every tool looks for it, and another for decisions", () => {
    expect(deliverySubject('github.deliveries')).toBe('github.deliveries-value');
    expect(controlSubject('github.deliveries')).toBe('github.deliveries-control');
  });

  it("takes GitHub's largest body with its headers and envelope", () => {
    expect(MAX_BODY_BYTES).toBe(26_214_400);
    // GitHub's headers are limited to tens of kilobytes; a megabyte is beyond all of them.
    expect(MAX_RECORD_BYTES - MAX_BODY_BYTES).toBeGreaterThanOrEqual(1024 * 1024);
  });

  it("outlives GitHub's longest redelivery window of 7 days: a redelivered body must meet its first arrival", () => {
    expect(DEFAULT_RETENTION_MS).toBeGreaterThan(7 * 24 * 60 * 60 * 1000);
  });

  it('has every setting on which a guarantee rests written out, whatever the brokers default to', () => {
    const settings = { partitions: 24, replicationFactor: 3, minInSyncReplicas: 2, retentionMs: 691_200_000 };
    expect(topicConfig(settings)).toEqual({
      'cleanup.policy': 'delete',
      'compression.type': 'producer',
      'max.message.bytes': String(MAX_RECORD_BYTES),
      'message.timestamp.type': 'LogAppendTime',
      'min.insync.replicas': '2',
      'retention.ms': '691200000',
      'segment.ms': '86400000',
      'unclean.leader.election.enable': 'false',
    });
  });
});
