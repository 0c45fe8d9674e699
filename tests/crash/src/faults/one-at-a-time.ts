import type { Part } from '@hookline/local-stack';

const last = new WeakMap<Part, Promise<unknown>>();

/** Several faults at once can be after one server: each has it to itself, until it is back. */
export async function alone<T>(part: Part, act: () => Promise<T>): Promise<T> {
  const before = last.get(part) ?? Promise.resolve();
  const mine = before.then(act);
  last.set(
    part,
    mine.catch(() => {}),
  );
  return await mine;
}
