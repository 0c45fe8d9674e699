const TRIES = 150;
const AGAIN_MS = 200;

/** Tries until it is done: another fault may have taken the server away for a while. */
export async function insist<T>({ pause }: { pause(ms: number): Promise<void> }, act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (tries === TRIES) throw error;
      await pause(AGAIN_MS);
    }
  }
}
