import { namespaceOf, orderingKey, type KeyRule } from '@hookline/contracts';
import { readBody, type KeyedDelivery } from '@hookline/database';
import { payloadEncoding, payloadFacts, readPayload } from '@hookline/github';

/** The key that a stored delivery has by a rule, as ingest would have given it. What is no payload keeps the one it has. */
export function keyByRule(rule: KeyRule): (stored: KeyedDelivery) => string {
  return ({ orderingKey: key, dedupScope, headers, body }) => {
    const read = readPayload(readBody(body), payloadEncoding(headers['content-type']) ?? 'json');
    if (!read.success) return key;
    return orderingKey(payloadFacts(read.payload, read.text), { namespace: namespaceOf(key), dedupScope }, rule).key;
  };
}
