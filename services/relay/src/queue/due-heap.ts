/** What is due first comes out first. */
export interface DueHeap<T> {
  add(dueAt: number, item: T): void;
  /** Takes out the first, if it is due. */
  takeDue(now: number): T | undefined;
  /** When the first is due; infinite: there is none. */
  nextDueAt(): number;
  size(): number;
}

/** A binary heap. Nothing is removed from its middle: whoever takes an item out looks whether it still counts. */
export function createDueHeap<T>(): DueHeap<T> {
  const heap: { dueAt: number; item: T }[] = [];
  const at = (index: number) => (heap[index] as { dueAt: number }).dueAt;

  function swap(one: number, other: number): void {
    [heap[one], heap[other]] = [heap[other] as (typeof heap)[number], heap[one] as (typeof heap)[number]];
  }

  return {
    add(dueAt, item) {
      let child = heap.push({ dueAt, item }) - 1;
      while (child > 0) {
        const parent = (child - 1) >> 1;
        if (at(parent) <= at(child)) break;
        swap(parent, child);
        child = parent;
      }
    },
    takeDue(now) {
      const first = heap[0];
      if (!first || first.dueAt > now) return undefined;
      swap(0, heap.length - 1);
      heap.pop();
      let parent = 0;
      for (;;) {
        const left = 2 * parent + 1;
        if (left >= heap.length) break;
        const right = left + 1;
        const child = right < heap.length && at(right) < at(left) ? right : left;
        if (at(parent) <= at(child)) break;
        swap(parent, child);
        parent = child;
      }
      return first.item;
    },
    nextDueAt: () => heap[0]?.dueAt ?? Number.POSITIVE_INFINITY,
    size: () => heap.length,
  };
}
