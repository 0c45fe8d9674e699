/** Rejects with `message` when the promise has not settled in time. The promise goes on, and ends unheard. */
export async function within<T>(milliseconds: number, message: string, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(message)), milliseconds);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
