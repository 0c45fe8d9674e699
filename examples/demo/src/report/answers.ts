import type { Answer, TrafficKind } from '../traffic/request.ts';
import type { Exchange } from '../traffic/send.ts';
import { exactly, type Row } from './row.ts';

const KINDS: Record<TrafficKind, string> = {
  delivery: 'real payloads, signed',
  redelivery: 'redeliveries of them',
  forged: 'forged',
  malformed: 'malformed',
  oversized: 'oversized',
};

/** How many of each kind were planned, and how many got any answer at all. */
export function sentRows(planned: readonly { kind: TrafficKind }[], exchanges: readonly Exchange[]): Row[] {
  const answered = exchanges.filter(({ answer }) => answer.status !== 0);
  return (Object.keys(KINDS) as TrafficKind[]).map((kind) =>
    exactly(
      'Sent',
      KINDS[kind],
      planned.filter((request) => request.kind === kind).length,
      answered.filter(({ request }) => request.kind === kind).length,
    ),
  );
}

/** Each kind of answer, by what was sent; then whether each single request got its own. */
export function answerRows(exchanges: readonly Exchange[]): Row[] {
  const expected = countBy(exchanges.map((exchange) => label(dueOf(exchange))));
  const actual = countBy(exchanges.map(({ answer }) => label(answer)));
  const labels = [...new Set([...expected.keys(), ...actual.keys()])].toSorted();
  const rejectable = exchanges.filter(({ request }) => request.kind !== 'redelivery');
  const refused = (answers: Answer[]): number => answers.filter(({ status }) => status >= 400 && status < 500).length;
  return [
    ...labels.map((name) => exactly('Answers', name, expected.get(name) ?? 0, actual.get(name) ?? 0)),
    exactly(
      'Answers',
      'rejected in all',
      refused(rejectable.map(({ request }) => request.expected)),
      refused(rejectable.map(({ answer }) => answer)),
    ),
    exactly('Answers', 'requests with the very answer due', exchanges.length, exchanges.filter(isRight).length),
  ];
}

/** Every request that got another answer than it had to. */
export function answerProblems(exchanges: readonly Exchange[]): string[] {
  return exchanges
    .filter((exchange) => !isRight(exchange))
    .map(({ request: { kind, name, guid, expected }, answer }) => {
      const which = guid === undefined ? '' : ` (${guid})`;
      return `${kind} "${name}"${which} must be answered ${label(expected)}, and was answered ${label(answer)}`;
    });
}

function isRight(exchange: Exchange): boolean {
  return label(dueOf(exchange)) === label(exchange.answer);
}

/** Of two answers that are both right, the one that was given. */
function dueOf({ request: { expected, orElse }, answer }: Exchange): Answer {
  return orElse && label(orElse) === label(answer) ? orElse : expected;
}

function label({ status, code }: Answer): string {
  return status === 0 ? `no answer: ${code}` : `${status} ${code}`;
}

function countBy(labels: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const each of labels) counts.set(each, (counts.get(each) ?? 0) + 1);
  return counts;
}
