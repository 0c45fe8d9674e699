import { payloadEncoding, readPayload } from '@hookline/github';
import type { HandledDelivery } from '@hookline/handlers';
import type { DeliveryRecord } from './record.ts';

/** What handlers are given of a record. */
export function handledDelivery(record: DeliveryRecord): HandledDelivery {
  return new Handled(record);
}

/** A class: an accessor that each object has for itself would cost more than all the rest. */
class Handled implements HandledDelivery {
  readonly source: string;
  readonly dedupScope: string;
  readonly guid: string;
  readonly digest: Buffer;
  readonly event: string;
  readonly action: string | null;
  readonly repositoryId: string | null;
  readonly hookId: string | null;
  readonly receivedAt: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  readonly orderingKey: string;
  readonly partition: number;
  readonly offset: bigint;
  #parsed: { payload: unknown } | undefined;

  constructor({ delivery, orderingKey, partition, offset }: DeliveryRecord) {
    this.source = delivery.source;
    this.dedupScope = delivery.dedupScope;
    this.guid = delivery.guid;
    this.digest = delivery.digest;
    this.event = delivery.event;
    this.action = delivery.action;
    this.repositoryId = delivery.repositoryId;
    this.hookId = delivery.hookId;
    this.receivedAt = delivery.receivedAt;
    this.headers = delivery.headers;
    this.body = delivery.body;
    this.orderingKey = orderingKey;
    this.partition = partition;
    this.offset = offset;
  }

  /** Parsed when first asked for: most projections never ask. */
  get payload(): unknown {
    return (this.#parsed ??= { payload: parse(this) }).payload;
  }
}

function parse({ body, headers, guid }: Pick<HandledDelivery, 'body' | 'headers' | 'guid'>): unknown {
  const result = readPayload(body, payloadEncoding(headers['content-type']) ?? 'json');
  // Ingest parsed it before it went into the log: only a record that somebody else wrote can come here.
  if (!result.success) throw new Error(`The payload of delivery ${guid} cannot be read: ${result.detail}`);
  return result.payload;
}
