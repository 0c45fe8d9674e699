import { REPETITIONS } from '../../packages/github/src/repeatable-events.ts';

/** One row per event: by what its occurrences are told apart, and why the others can repeat. */
export function repetitionsMarkdown(): string {
  const rows = Object.entries(REPETITIONS).map(([event, { identified, repeats = '' }]) => {
    if (identified === undefined) return `| \`${event}\` | | ${repeats} |`;
    const { id, time, actions } = identified;
    const of = actions.length === 0 ? '' : `: ${actions.join(', ')}`;
    return `| \`${event}\` | \`${id}\`, \`${time}\`${of} | ${repeats} |`;
  });
  return [
    '| Event | Identified by, for these actions | The others can repeat, because |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
