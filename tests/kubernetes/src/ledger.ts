/** One answer to one sending, as the sender has written it down. */
export interface Answer {
  guid: string;
  repository: number;
  /** How many deliveries of the repository came before it. */
  n: number;
  /** 0: there was none. */
  status: number;
  error?: string;
}

/** One delivery that a processor has processed. */
export interface Processed {
  guid: string;
  repository: number;
}

export interface Verdict {
  accepted: number;
  /** GUIDs. */
  lost: string[];
  doubled: string[];
  /** Repositories. */
  reordered: number[];
  /** Sendings that were not accepted, by their status or error. */
  refused: Record<string, number>;
}

const ACCEPTED = [200, 202, 409];

/**
 * What was promised against what happened. Each repository's deliveries were sent one after another, so that the order in
 * which they were accepted is that in which they must have been processed.
 *
 * @param processed in the order of processing
 */
export function compare(answers: readonly Answer[], processed: readonly Processed[]): Verdict {
  const accepted = new Map(
    answers.filter(({ status }) => ACCEPTED.includes(status)).map((answer) => [answer.guid, answer]),
  );
  const counts = new Map<string, number>();
  for (const { guid } of processed) counts.set(guid, (counts.get(guid) ?? 0) + 1);
  const reordered = new Set<number>();
  const last = new Map<number, number>();
  for (const { guid, repository } of processed) {
    const n = accepted.get(guid)?.n;
    if (n === undefined) continue;
    if (n < (last.get(repository) ?? -1)) reordered.add(repository);
    last.set(repository, n);
  }
  return {
    accepted: accepted.size,
    lost: [...accepted.keys()].filter((guid) => !counts.has(guid)),
    doubled: [...counts].filter(([, count]) => count > 1).map(([guid]) => guid),
    reordered: [...reordered],
    refused: refusals(answers),
  };
}

function refusals(answers: readonly Answer[]): Record<string, number> {
  const refused: Record<string, number> = {};
  for (const { status, error } of answers) {
    if (ACCEPTED.includes(status)) continue;
    const name = status === 0 ? (error ?? 'no answer') : String(status);
    refused[name] = (refused[name] ?? 0) + 1;
  }
  return refused;
}
