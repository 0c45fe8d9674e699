import type { ServiceProcess } from '@hookline/test-support';

type End = Awaited<ServiceProcess['ended']>;

/** @throws {Error} with what the program has said, where it has not ended well */
export function expectGoodEnd(what: string, { code, stdout, stderr }: End): void {
  if (code !== 0) throw new Error(`${what} ended with exit code ${code}:\n${stdout.slice(-4000)}\n${stderr}`);
}

/** That it ended while somebody waited for its work, with what it has said. */
export function tooSoon(what: string, { code, stdout, stderr }: End): Error {
  return new Error(`${what} ended too soon, with exit code ${code}:\n${stdout.slice(-4000)}\n${stderr}`);
}

/** Rejects when it ends, well or not: to be raced by who waits for its work. */
export function endedTooSoon(what: string, ended: Promise<End>): Promise<never> {
  const gone = ended.then((end): never => {
    throw tooSoon(what, end);
  });
  // Behind the work nobody waits for it any more, and every program ends.
  gone.catch(() => {});
  return gone;
}
