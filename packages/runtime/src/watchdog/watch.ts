/**
 * Tells whether another thread still lives, by a counter that it raises: true once `limit` looks in a row have seen
 * the same number.
 *
 * Looks are counted, not time: a process that was frozen, suspended or paused with its machine has missed its looks,
 * too, and wakes with at most one of them due. By the clock it would be killed on waking.
 */
export function createWatch(limit: number): (beats: number) => boolean {
  let last: number | undefined;
  let missed = 0;
  return (beats) => {
    missed = beats === last ? missed + 1 : 0;
    last = beats;
    return missed >= limit;
  };
}
