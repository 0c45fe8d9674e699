import type { KeyQueue } from './key-queue.ts';

/** Keys whose first effect may be sent now, by the target of that effect. */
export interface ReadyKeys {
  add(key: KeyQueue): void;
  remove(key: KeyQueue): void;
  /** Takes out up to `max` keys in turns of their targets, each in the order in which they came. */
  take(max: number, reserve: (key: KeyQueue) => boolean): KeyQueue[];
  /** Takes out all keys of targets of which `isClosed` says so. */
  closed(isClosed: (target: string) => boolean): KeyQueue[];
  size(): number;
}

/** A target that takes nothing now costs one look, however many keys wait for it. */
export function createReadyKeys(): ReadyKeys {
  const byTarget = new Map<string | null, Set<KeyQueue>>();
  let size = 0;
  const targetOf = (key: KeyQueue) => key.entries[0]?.target ?? null;

  function remove(key: KeyQueue): void {
    const target = targetOf(key);
    const keys = byTarget.get(target);
    if (!keys?.delete(key)) return;
    size -= 1;
    if (keys.size === 0) byTarget.delete(target);
  }

  return {
    add(key) {
      const target = targetOf(key);
      const keys = byTarget.get(target) ?? new Set();
      byTarget.set(target, keys.add(key));
      size += 1;
    },
    remove,
    take(max, reserve) {
      const taken: KeyQueue[] = [];
      const open = new Set(byTarget.keys());
      while (open.size > 0 && taken.length < max) {
        for (const target of open) {
          const [key] = byTarget.get(target) ?? [];
          if (!key || !reserve(key)) {
            open.delete(target);
            continue;
          }
          remove(key);
          taken.push(key);
          if (taken.length >= max) break;
        }
      }
      return taken;
    },
    closed(isClosed) {
      const targets = [...byTarget.keys()].filter((target) => target !== null && isClosed(target));
      const keys = targets.flatMap((target) => [...(byTarget.get(target) ?? [])]);
      for (const key of keys) remove(key);
      return keys;
    },
    size: () => size,
  };
}
