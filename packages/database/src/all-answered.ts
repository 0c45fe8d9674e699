/**
 * For statements that are sent one behind another without waiting in between: resolves when all are answered. The first
 * that failed, in the order given, is thrown; those behind it have failed because of it. `Promise.all` would not wait for
 * them, and a connection that still waits for an answer cannot be rolled back.
 */
export async function allAnswered<T extends readonly unknown[]>(
  answers: readonly [...T],
): Promise<{ -readonly [N in keyof T]: Awaited<T[N]> }>;
export async function allAnswered(answers: readonly unknown[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(answers);
  return settled.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  });
}
