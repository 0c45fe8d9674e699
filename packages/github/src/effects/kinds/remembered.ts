/** Ids of what was made last, by place: they save looking for it. A bounded cache, and no truth. */
export interface Remembered {
  get(place: string): string | undefined;
  keep(place: string, id: string): void;
  forget(place: string): void;
}

const MOST = 10_000;

export function createRemembered(most = MOST): Remembered {
  const ids = new Map<string, string>();
  return {
    get: (place) => ids.get(place),
    keep(place, id) {
      ids.delete(place);
      ids.set(place, id);
      const [oldest] = ids.keys();
      if (ids.size > most && oldest !== undefined) ids.delete(oldest);
    },
    forget: (place) => void ids.delete(place),
  };
}
