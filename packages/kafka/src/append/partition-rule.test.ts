import { expect, it } from '@jest/globals';
import { partitionOf } from '@hookline/contracts';
import fc from 'fast-check';
import kafkajs from 'kafkajs';

/** Other producers of the topic, and Kafka's own tools, must put a key where we put it. */
it('puts every key where the default partitioner of KafkaJS (and of Java) puts it', () => {
  const partitioner = kafkajs.Partitioners.DefaultPartitioner();
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.integer({ min: 1, max: 200 }), (key, count) => {
      const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
        partitionId,
        leader: 1,
        partitionErrorCode: 0,
        replicas: [],
        isr: [],
      }));
      const message = { key, value: '' };
      expect(partitionOf(key, count)).toBe(partitioner({ topic: 'log', partitionMetadata, message }));
    }),
    { numRuns: 2_000 },
  );
});
