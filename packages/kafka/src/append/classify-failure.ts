/**
 * What a failed send means for its records.
 * - `TOO_LARGE`, `INVALID`: one of them will never pass; the others may
 * - `REFUSED`: none of them will pass until an operator does something
 * - `SEALED`: none of them will ever pass: the topic's generation has ended
 * - `TRANSIENT`: nothing is known about them; they go again
 */
export type SendFailure = 'TOO_LARGE' | 'INVALID' | 'REFUSED' | 'SEALED' | 'TRANSIENT';

/** By the error code of Kafka's protocol. KafkaJS's classes and `retriable` do not tell: an outage is "non-retriable". */
const BY_CODE: Readonly<Record<number, SendFailure>> = {
  10: 'TOO_LARGE', // MESSAGE_TOO_LARGE
  17: 'REFUSED', // INVALID_TOPIC_EXCEPTION
  18: 'TOO_LARGE', // RECORD_LIST_TOO_LARGE
  29: 'REFUSED', // TOPIC_AUTHORIZATION_FAILED
  31: 'REFUSED', // CLUSTER_AUTHORIZATION_FAILED
  32: 'INVALID', // INVALID_TIMESTAMP
  58: 'REFUSED', // SASL_AUTHENTICATION_FAILED
  76: 'REFUSED', // UNSUPPORTED_COMPRESSION_TYPE
  87: 'INVALID', // INVALID_RECORD
};

/** Reads the protocol's code out of an error, under however many wrappings. */
export function classifyFailure(error: unknown): SendFailure {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === 'number') return BY_CODE[code] ?? 'TRANSIENT';
  return cause === undefined ? 'TRANSIENT' : classifyFailure(cause);
}
