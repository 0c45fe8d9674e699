import { readValues, type Value } from './values-file.ts';

/** The table of values in the chart's README: one part per value of the first level that has more below it. */
export function valuesTable(): string {
  const values = readValues();
  const parts = new Map<string, Value[]>();
  for (const value of values) {
    const part = value.path.length === 1 ? '' : (value.path[0] as string);
    parts.set(part, [...(parts.get(part) ?? []), value]);
  }
  return [...parts].map(([name, of]) => tableOf(name, of)).join('\n');
}

function tableOf(name: string, values: readonly Value[]): string {
  return [
    ...(name === '' ? [] : [`### ${name}`, '']),
    '| Value | Default | What it does |',
    '|---|---|---|',
    ...values.map(({ path, default: value, comment }) => {
      return `| \`${path.join('.')}\` | ${inTable(shown(value))} | ${inTable(comment)} |`;
    }),
    '',
  ].join('\n');
}

function shown(value: unknown): string {
  return value === '' ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function inTable(text: string): string {
  return text.replaceAll('|', '\\|');
}
