import { payloadEncoding, readPayload } from '@hookline/github';
import type { HandledDelivery } from '@hookline/handlers';
import type { DeliveryRecord } from './record.ts';

/** What handlers are given of a record. The payload is parsed when first asked for: most projections never ask. */
export function handledDelivery({ delivery, orderingKey, partition, offset }: DeliveryRecord): HandledDelivery {
  const { secretLabel: _secretLabel, eventProblem: _eventProblem, ...facts } = delivery;
  let parsed: { payload: unknown } | undefined;
  return {
    ...facts,
    orderingKey,
    partition,
    offset,
    get payload() {
      return (parsed ??= { payload: parse(delivery) }).payload;
    },
  };
}

function parse({ body, headers, guid }: DeliveryRecord['delivery']): unknown {
  const result = readPayload(body, payloadEncoding(headers['content-type']) ?? 'json');
  // Ingest parsed it before it went into the log: only a record that somebody else wrote can come here.
  if (!result.success) throw new Error(`The payload of delivery ${guid} cannot be read: ${result.detail}`);
  return result.payload;
}
