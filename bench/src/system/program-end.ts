import type { ServiceProcess } from '@hookline/test-support';

type End = Awaited<ServiceProcess['ended']>;

/** @throws {Error} with what the program has said, where it has not ended well */
export function expectGoodEnd(what: string, { code, stdout, stderr }: End): void {
  if (code !== 0) throw new Error(`${what} ended with exit code ${code}:\n${stdout.slice(-4000)}\n${stderr}`);
}

/** Rejects, with what the program has said, when it ends: to be raced by who waits for its work. */
export function endedTooSoon(what: string, ended: Promise<End>): Promise<never> {
  const gone = ended.then(({ code, stdout, stderr }): never => {
    throw new Error(`${what} ended too soon, with exit code ${code}:\n${stdout.slice(-4000)}\n${stderr}`);
  });
  // Behind the work nobody waits for it any more, and every program ends.
  gone.catch(() => {});
  return gone;
}
