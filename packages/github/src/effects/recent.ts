/** The values that were kept last, by key. A bounded cache, and no truth. */
export interface Recent<T> {
  get(key: string): T | undefined;
  keep(key: string, value: T): void;
  forget(key: string): void;
}

export function createRecent<T>(most = 10_000): Recent<T> {
  const values = new Map<string, T>();
  return {
    get: (key) => values.get(key),
    keep(key, value) {
      values.delete(key);
      values.set(key, value);
      const [oldest] = values.keys();
      if (values.size > most && oldest !== undefined) values.delete(oldest);
    },
    forget: (key) => void values.delete(key),
  };
}
