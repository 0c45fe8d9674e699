import type { RelayCount } from '@hookline/database';

/** How many shards a relay may have, so that all are had and none has two more than another. */
export function fairShare({ relays, shards }: RelayCount): number {
  return Math.ceil(shards / Math.max(1, relays));
}
