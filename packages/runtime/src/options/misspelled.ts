import { distance } from '../distance.ts';

const PREFIX = 'HOOKLINE_';

/**
 * One error per variable with our prefix that is not known, but close to one that is. Only close ones: services
 * share an environment, so that most unknown names are another service's.
 */
export function misspelled(known: readonly string[], present: readonly string[]): string[] {
  return present
    .filter((name) => name.toUpperCase().startsWith(PREFIX) && !known.includes(name))
    .flatMap((name) => {
      const meant = known.find((candidate) => resembles(name, candidate));
      return meant === undefined ? [] : [`${name} is not known. Did you mean ${meant}?`];
    });
}

/**
 * Word by word, because HOOKLINE_X_HOST and HOOKLINE_X_PORT are two letters apart and not the same mistyped: a word
 * may be off by one letter, a long one by two; case and underscores do not count.
 */
function resembles(name: string, candidate: string): boolean {
  const [left, right] = [words(name), words(candidate)];
  if (left.length !== right.length) return distance(left.join(''), right.join('')) <= 1;
  return left.every((word, i) => {
    const other = right[i] ?? '';
    return distance(word, other) <= (other.length >= 8 ? 2 : 1);
  });
}

function words(name: string): string[] {
  return name.toUpperCase().slice(PREFIX.length).split('_');
}
