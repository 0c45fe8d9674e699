import { backlogFigures, RATE } from '../backlog/figures.ts';
import { processorAlone } from '../backlog/processor-alone.ts';
import type { Bench } from '../bench.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';

const REPOSITORIES = 1000;
const PARTITIONS = { baseline: 4, subject: 64 };

/** What it costs to have chosen many partitions, for a later that may not come. */
export const partitions: Bench = {
  name: 'partitions',
  about: 'a log of 64 partitions against one of 4, one process; small bodies.',
  sides: { baseline: '4 partitions', subject: '64 partitions' },
  figures: backlogFigures({ [RATE]: { target: { atLeast: 0.9 } } }),
  measure: (side, context) =>
    processorAlone(context, {
      records: 150_000,
      repositories: (count) => repositoriesInTurn(count, REPOSITORIES),
      payloads: 'small',
      partitions: PARTITIONS[side],
    }),
};
