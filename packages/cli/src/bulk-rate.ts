import { InvalidArgumentError } from 'commander';
import { parse } from './parse.ts';

/** Commands a second. */
export function parseRate(text: string): number {
  const rate = Number(parse(text, /^\d{1,5}$/, 'a number from 0 to 10000'));
  if (rate > 10_000) throw new InvalidArgumentError('It must be a number from 0 to 10000.');
  return rate;
}
