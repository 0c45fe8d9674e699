import type { RawClient } from './raw-http.ts';

/** How many requests had which answer. */
export type Answers = Map<number, number>;

/** Posts so many of the requests, from the first on and again from it, so many at once, each when one was answered. */
export async function postAll(
  client: RawClient,
  requests: readonly Buffer[],
  { count, atOnce }: { count: number; atOnce: number },
): Promise<Answers> {
  const answers: Answers = new Map();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const request = requests[next++ % requests.length] as Buffer;
      note(answers, await client.post(request));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return answers;
}

export function note(answers: Answers, status: number): void {
  answers.set(status, (answers.get(status) ?? 0) + 1);
}

/** The load is not what it was meant to be where anything else was answered, and neither is what was measured. */
export function expectOnly(answers: Answers, status: number): void {
  const other = [...answers].filter(([answered]) => answered !== status);
  if (other.length > 0) throw new Error(`Not all was answered ${status}: ${JSON.stringify(other)}.`);
}
