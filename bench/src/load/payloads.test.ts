import { orderingKey } from '@hookline/contracts';
import { eventProblem, payloadFacts, readPayload } from '@hookline/github';
import { describe, expect, it } from '@jest/globals';
import { median } from '../statistics.ts';
import { keyOf, newDelivery, newWebhook } from './deliveries.ts';
import { payloadsOf, type PayloadSet } from './payloads.ts';

// What ingest would refuse, or the processor not run, would be measured as if it had been processed.
describe.each<PayloadSet>(['push', 'examples', 'small'])('payloads of the set %s', (set) => {
  const make = payloadsOf(set);
  const some = Array.from({ length: 300 }, (_, n) => newDelivery(1 + n, make));

  it('are genuine payloads of their events, each of its own repository, and no two alike', () => {
    for (const [n, { body, event, action }] of some.entries()) {
      const read = readPayload(body, 'json');
      if (!read.success) throw new Error(read.reason);
      expect(eventProblem(event, read.payload)).toBeNull();
      const facts = payloadFacts(read.payload, read.text);
      expect(facts.action).toBe(action);
      expect(orderingKey(facts, { namespace: 'github.com', dedupScope: 'main' }, 'repository').key).toBe(keyOf(1 + n));
    }
    expect(new Set(some.map(({ digest }) => digest.toString('hex'))).size).toBe(some.length);
  });

  it('have the same headers posted as in the log', () => {
    const { headers, body } = newWebhook(7, payloadsOf(set));
    const delivery = newDelivery(7, payloadsOf(set));
    expect(headers).toMatchObject({ 'x-github-event': delivery.event, 'content-length': body.length });
  });
});

it('are as large as they say', () => {
  const sizes = (set: PayloadSet) => {
    const make = payloadsOf(set);
    return Array.from({ length: 280 }, (_, n) => make(1 + n, crypto.randomUUID()).body.length);
  };
  expect(sizes('small').every((size) => size >= 197 && size <= 203)).toBe(true);
  expect(median(sizes('examples'))).toBeGreaterThan(7000);
  expect(Math.max(...sizes('examples'))).toBeGreaterThan(25_000);
});
