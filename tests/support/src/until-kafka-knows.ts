import { until } from './until.ts';

/**
 * Asks Kafka until it answers. When brokers come and go, one of them knows of it before another does, and what the client
 * has been told by the other is refused. Kafka says of such an error that asking again may help, and KafkaJS's admin gives
 * up nevertheless; every other error is thrown at once.
 *
 * @param ask with a client of its own each time: an old one asks whom it was told of before
 */
export async function untilKafkaKnows<T>(what: string, ask: () => Promise<T>, timeoutMs?: number): Promise<T> {
  const answer = await until(
    what,
    async () => {
      try {
        return { value: await ask() };
      } catch (error) {
        if (isRetriable(error)) return false;
        throw error;
      }
    },
    timeoutMs,
  );
  return answer.value;
}

/** An error of Kafka's protocol that is marked so, and not one of KafkaJS's own making. */
function isRetriable(error: unknown): boolean {
  const { type, retriable } = (error ?? {}) as { type?: unknown; retriable?: unknown };
  return typeof type === 'string' && retriable === true;
}
