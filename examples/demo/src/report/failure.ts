import { LEAST_TRIES, type FailureObservation } from '../failure/run-failure.ts';
import { atMost, exactly, type Row } from './row.ts';

const SECTION = 'A repository fails, the others go on (lanes, audit_log, and what the handler noted)';
/** Far more than any machine needs. */
const MAX_MS = 30_000;

/** What became of the repository for which a handler was broken, and of those beside it. */
export function failureRows({
  plan,
  exchanges,
  waiting,
  notedMeanwhile,
  left,
  noted,
  ...seen
}: FailureObservation): Row[] {
  const broken = plan.broken.flat();
  const countOf = (key: string): number => broken.filter(({ delivery }) => delivery?.key === key).length;
  const ofFailing = countOf(plan.failingKey);
  const others = notedMeanwhile.filter(({ key }) => key !== plan.failingKey);
  const ofNeighbour = others.filter(({ key }) => key === plan.neighbourKey);
  const accepted = exchanges.filter(({ answer }) => answer.status === 202);
  const sent = Map.groupBy(accepted, ({ request }) => request.delivery?.key ?? '');
  const inOrder = [...sent].filter(([key, its]) => {
    const guids = noted.filter((deployment) => deployment.key === key).map(({ guid }) => guid);
    return guids.join() === its.map(({ request }) => request.guid).join();
  });
  return [
    exactly(SECTION, 'deliveries accepted', broken.length + plan.mended.flat().length, accepted.length),
    exactly(SECTION, 'of the others, processed meanwhile', broken.length - ofFailing, others.length),
    exactly(SECTION, "of them in the failing one's partition", countOf(plan.neighbourKey), ofNeighbour.length),
    atMost(SECTION, 'their median from accept to effect, in ms', MAX_MS, middle(others.map(({ afterMs }) => afterMs))),
    exactly(SECTION, 'of the failing one, waiting in its lane', ofFailing, waiting.records),
    atLeast('tries of it that failed', LEAST_TRIES, waiting.attempts),
    exactly(SECTION, 'processed out of the lane once mended', ofFailing, seen.fromLane),
    atMost(SECTION, 'from mended to an empty lane, in ms', MAX_MS, seen.recoveryMs),
    exactly(SECTION, 'left in the lane', 0, left.records),
    exactly(SECTION, 'repositories in order, each delivery once', plan.broken.length, inOrder.length),
  ];
}

function atLeast(name: string, bound: number, actual: number): Row {
  return { section: SECTION, name, expected: `at least ${bound}`, actual, ok: actual >= bound };
}

/** Undefined of nothing. */
function middle(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
