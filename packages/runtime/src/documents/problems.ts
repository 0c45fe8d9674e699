/** Collects what is wrong with one part of a document, each problem with its place. */
export interface Problems {
  add(place: string, problem: string): void;
  at(place: string): Problems;
  /** A field that nobody knows is a problem: a mistyped `event` would take all events. */
  unknownFields(fields: Record<string, unknown>, known: readonly string[]): void;
}

export function problemsAt(list: string[], prefix: string): Problems {
  const problems: Problems = {
    add: (place, problem) => list.push(`${prefix}${place} ${problem}.`),
    at: (place) => problemsAt(list, `${prefix}${place}`),
    unknownFields: (fields, known) => {
      for (const name of Object.keys(fields)) {
        if (!known.includes(name)) problems.add(`.${name}`, `is not known; known are ${known.join(', ')}`);
      }
    },
  };
  return problems;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text field of the wanted shape; the empty text once a problem has been added. */
export function readText(
  fields: Record<string, unknown>,
  name: string,
  shape: { pattern: RegExp; wanted: string },
  problems: Problems,
  byDefault?: string,
): string {
  const value = fields[name] ?? byDefault;
  if (value === undefined) problems.add(`.${name}`, 'is missing');
  else if (typeof value !== 'string') problems.add(`.${name}`, 'is not a text');
  // A default is made of fields that have been judged already.
  else if (value !== byDefault && !shape.pattern.test(value)) problems.add(`.${name}`, `is not ${shape.wanted}`);
  else return value;
  return '';
}
