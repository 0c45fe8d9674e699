import { contradictionOf, faultsOf } from './faults/catalogue.ts';
import { FAMILIES, type Family, type Fault } from './faults/fault.ts';
import { createRandom } from './random.ts';
import type { Arguments } from './arguments.ts';

/** What one round is to be. */
export interface PlannedRound {
  seed: string;
  faults: string[];
}

/** Faults of one family in a round of the short form, at the most. */
const AT_ONCE = 4;

/** The rounds of a campaign, the same for the same arguments. */
export function planRounds({ rounds, seed, faults, family, short }: Arguments): PlannedRound[] {
  const random = createRandom(seed);
  if (short) {
    return FAMILIES.map((each) => ({
      seed: `${seed}/${each}`,
      faults: together(random.fork(each).shuffle(faultsOf(each)))
        .slice(0, AT_ONCE)
        .map(nameOf),
    }));
  }
  if (faults !== null && rounds === 1) return [{ seed, faults }];
  const decks = new Map(FAMILIES.map((each) => [each, deck(faultsOf(each), random.fork(each))]));
  return Array.from({ length: rounds }, (_, index) => {
    const own = `${seed}/${index + 1}`;
    if (faults !== null) return { seed: own, faults };
    // A fault of one family in each round, the given one or in turn, and some of others with it: every one comes, and they meet.
    const here = createRandom(own);
    const main = family ?? (FAMILIES[index % FAMILIES.length] as Family);
    const others = here.shuffle(FAMILIES.filter((other) => other !== main)).slice(0, here.integer(0, 3));
    const drawn = [main, ...others].map((each) => (decks.get(each) as () => Fault)());
    return { seed: own, faults: together(drawn).map(nameOf) };
  });
}

/** Deals all of them before it deals one again. */
function deck(faults: readonly Fault[], random: ReturnType<typeof createRandom>): () => Fault {
  let left: Fault[] = [];
  return () => {
    if (left.length === 0) left = random.shuffle(faults);
    return left.pop() as Fault;
  };
}

/** Those that can be in one round with those before them. */
function together(drawn: readonly Fault[]): Fault[] {
  const taken: Fault[] = [];
  for (const fault of drawn) if (contradictionOf([...taken, fault]) === null) taken.push(fault);
  return taken;
}

const nameOf = ({ name }: Fault): string => name;
