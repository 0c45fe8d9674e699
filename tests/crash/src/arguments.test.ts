import { describe, expect, test } from '@jest/globals';
import { commandOf, parseArguments, type Arguments } from './arguments.ts';
import { contradictionOf, FAULTS, faultsOf, findFault, listFaults } from './faults/catalogue.ts';
import { FAMILIES } from './faults/fault.ts';
import { planRounds } from './plan-rounds.ts';

function parse(...args: string[]): Arguments {
  const parsed = parseArguments(args, () => 'drawn');
  if (parsed.does !== 'run') throw new Error(JSON.stringify(parsed));
  return parsed.arguments;
}

describe('arguments', () => {
  test('all have defaults, and a seed is drawn', () => {
    expect(parse()).toMatchObject({ rounds: 1, seed: 'drawn', faults: null, deliveries: 3000, parallel: 1 });
  });
  test.each([
    [['--rounds', '0'], '--rounds is "0"; it must be a whole number above 0.'],
    [['--deliveries', '1e3'], '--deliveries is "1e3"; it must be a whole number above 0.'],
    [['--fault', 'kill-everything'], 'There is no fault "kill-everything".'],
    [['--fault', 'topic-refilled,offset-deleted'], 'topic-refilled, offset-deleted: a round loses data once.'],
    [
      ['--fault', 'topic-refilled,generation-moves'],
      'generation-moves, topic-refilled: what generation-moves must come to',
    ],
    [['--faults', 'deploy'], "Unknown option '--faults'"],
    [['--family', 'weather'], 'There is no family "weather"'],
  ])('%p is refused, and says why', (args, why) => {
    expect(parseArguments(args, () => '')).toMatchObject({ does: 'refuse', why: expect.stringContaining(why) });
  });
  test('help and list win over everything else', () => {
    expect(parseArguments(['--help', '--list'], () => '')).toEqual({ does: 'help' });
    expect(parseArguments(['--list'], () => '')).toEqual({ does: 'list' });
  });
});

describe('the catalogue', () => {
  test('has no two faults of one name, and something in each family', () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
    expect(FAMILIES.filter((family) => faultsOf(family).length === 0)).toEqual([]);
  });
  test('is listed whole', () => {
    const listed = listFaults();
    expect(FAULTS.filter(({ name, title }) => !listed.includes(name) || !listed.includes(title))).toEqual([]);
  });
});

describe('the rounds of a campaign', () => {
  test('are the same for the same seed, and others for another', () => {
    const rounds = (seed: string) => planRounds(parse('--rounds', '30', '--seed', seed));
    expect(rounds('a')).toEqual(rounds('a'));
    expect(rounds('a').map(({ faults }) => faults)).not.toEqual(rounds('b').map(({ faults }) => faults));
  });
  // A round that failed is had again by its own seed and faults alone, without the campaign that it was of.
  test('can be had again one by one', () => {
    for (const round of planRounds(parse('--rounds', '30', '--seed', 'a'))) {
      const [, , , , ...args] = commandOf(round.seed, round.faults, 3000).split(' ');
      expect(planRounds(parse(...args))).toEqual([round]);
    }
  });
  test('come to every fault', () => {
    const drawn = new Set(planRounds(parse('--rounds', '400', '--seed', 'a')).flatMap(({ faults }) => faults));
    expect(FAULTS.filter(({ name }) => !drawn.has(name))).toEqual([]);
  });
  test('have a fault of the family that is asked for, each of them, and others with it', () => {
    const planned = planRounds(parse('--rounds', '40', '--seed', 'a', '--family', 'operators'));
    const families = planned.map(({ faults }) => faults.map((name) => findFault(name).family));
    expect(new Set(families.map(([first]) => first))).toEqual(new Set(['operators']));
    expect(new Set(families.flat())).toEqual(new Set(FAMILIES));
  });
  test('are one of each family in the short form, with several faults where they bear each other', () => {
    const rounds = planRounds(parse('--short', '--seed', 'a'));
    expect(rounds.map(({ faults }) => [...new Set(faults.map((name) => findFault(name).family))])).toEqual(
      FAMILIES.map((family) => [family]),
    );
    expect(rounds.map(({ faults }) => faults.length)).toEqual(
      FAMILIES.map((family) => (family === 'lost-data' ? 1 : Math.min(4, faultsOf(family).length))),
    );
  });
  test('lose data at most once each', () => {
    const planned = planRounds(parse('--rounds', '300', '--seed', 'a'));
    const losses = planned.map(({ faults }) => faults.filter((name) => findFault(name).family === 'lost-data').length);
    expect(Math.max(...losses)).toBe(1);
  });
  test('read nothing again that is left behind', () => {
    const planned = ['a', 'b', 'c', 'd'].flatMap((seed) => planRounds(parse('--short', '--seed', seed)));
    expect(planned.filter(({ faults }) => contradictionOf(faults.map(findFault)) !== null)).toEqual([]);
    expect(contradictionOf(['generation-moves', 'operators-reread'].map(findFault))).not.toBeNull();
  });
  test('lose no data where that would make it impossible to tell what is right', () => {
    const planned = planRounds(parse('--rounds', '300', '--seed', 'a')).map(({ faults }) => faults.map(findFault));
    expect(planned.filter((faults) => contradictionOf(faults) !== null)).toEqual([]);
    const keeping = planned.filter((faults) => faults.some(({ keepsData }) => keepsData));
    expect(keeping.length).toBeGreaterThan(10);
    expect(keeping.filter((faults) => faults.some(({ lose }) => lose))).toEqual([]);
  });
});
