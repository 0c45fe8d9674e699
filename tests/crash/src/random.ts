/** Decisions that are the same for the same seed. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** From `least` to `most`, both included. */
  integer(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  shuffle<T>(all: readonly T[]): T[];
  uuid(): string;
  /** A sequence of its own: what one part draws must not change what another gets. */
  fork(name: string): Random;
}

/** Mulberry32, seeded by a text. */
export function createRandom(seed: string): Random {
  let state = hash(seed);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  const pick = <T>(from: readonly T[]): T => from[integer(0, from.length - 1)] as T;
  return {
    next,
    integer,
    pick,
    chance: (probability) => next() < probability,
    shuffle(all) {
      const left = [...all];
      return all.map(() => left.splice(integer(0, left.length - 1), 1)[0] as (typeof all)[number]);
    },
    uuid() {
      const hex = Array.from({ length: 32 }, (_, i) =>
        i === 12 ? '4' : i === 16 ? pick(['8', '9', 'a', 'b']) : digit(),
      );
      const text = hex.join('');
      return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
    },
    fork: (name) => createRandom(`${seed}/${name}`),
  };

  function digit(): string {
    return integer(0, 15).toString(16);
  }
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value | 0;
}
