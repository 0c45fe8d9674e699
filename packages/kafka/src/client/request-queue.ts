import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

const CALMED = Symbol.for('hookline.kafkajs.calmed');

/**
 * After every answer KafkaJS 2.2.4 schedules a look at the requests that wait, even where none waits: a timer with a
 * negative delay, which Node 24 warns of (tulios/kafkajs#1751), that schedules itself again each millisecond for the
 * life of the connection (#1768). Neither can be configured away, so the one method is replaced by itself behind a
 * guard: no request waits, no timer. A request that comes to wait calls it again.
 *
 * If a later KafkaJS has another shape this does nothing, and the warning is back.
 */
export function calmRequestQueue(load: (path: string) => unknown = createRequire(import.meta.url)): void {
  const loaded = load('kafkajs/src/network/requestQueue') as { prototype?: RequestQueue & { [CALMED]?: true } };
  const prototype = loaded.prototype;
  if (typeof prototype?.scheduleCheckPendingRequests !== 'function' || prototype[CALMED]) return;
  const original = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) original.call(this);
  };
  prototype[CALMED] = true;
}
