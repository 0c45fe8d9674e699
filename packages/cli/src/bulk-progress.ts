import type { Output } from './output.ts';

/** How often a long command says how far it is. */
const EVERY_MS = 2_000;

/** Says now and then how far something is: not with the first part of it, nor with the last, which its result is. */
export function bulkProgress(what: string, output: Output, now: () => number = () => performance.now()) {
  let saidAt = now();
  return (done: number, total: number): void => {
    if (done >= total || now() - saidAt < EVERY_MS) return;
    saidAt = now();
    output.progress(`${what} ${done} of ${total} (${Math.floor((done * 100) / total)} %)`);
  };
}
