import { isRecord, problemsAt, type Problems } from './problems.ts';

export type ListResult<T> = { success: true; entries: T[] } | { success: false; problems: string[] };

/**
 * Reads a JSON list of objects. All problems are named at once, by place; none of them quotes the text, which may hold
 * secrets.
 *
 * @param between what is wrong between entries
 */
export function readList<T>(
  text: string,
  { what, least = 0 }: { what: string; least?: 0 | 1 },
  readEntry: (fields: Record<string, unknown>, problems: Problems) => T,
  between: (entries: T[]) => string[] = () => [],
): ListResult<T> {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    return { success: false, problems: [`It is not valid JSON${placeOf(error)}.`] };
  }
  if (!Array.isArray(list) || list.length < least) {
    return { success: false, problems: [`It is not a list of ${what}${least > 0 ? ' with at least one entry' : ''}.`] };
  }
  const problems: string[] = [];
  const entries = list.flatMap((entry: unknown, i) => {
    const here = problemsAt(problems, `[${i}]`);
    if (isRecord(entry)) return [readEntry(entry, here)];
    here.add('', 'is not an object');
    return [];
  });
  problems.push(...between(entries));
  return problems.length > 0 ? { success: false, problems } : { success: true, entries };
}

/** The parser's own message quotes what it found, which may be a secret: only the place is kept. */
function placeOf(error: unknown): string {
  const place = /\(line \d+ column \d+\)/.exec((error as Error).message);
  return place === null ? '' : ` ${place[0]}`;
}
