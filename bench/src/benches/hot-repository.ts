import { backlogFigures, RATE } from '../backlog/figures.ts';
import { processorAlone } from '../backlog/processor-alone.ts';
import type { Bench } from '../bench.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';

const REPOSITORIES = { baseline: 1000, subject: 1 };

/** How fast a single repository can be, whose deliveries are all in one partition, one after another. */
export const hotRepository: Bench = {
  name: 'hot-repository',
  about: 'all deliveries of one repository against the same number of a thousand; small bodies.',
  sides: { baseline: '1000 repositories', subject: 'one' },
  figures: backlogFigures({ [RATE]: { target: { atLeast: 0.5 } } }),
  measure: (side, context) =>
    processorAlone(context, {
      records: 100_000,
      repositories: (count) => repositoriesInTurn(count, REPOSITORIES[side]),
      payloads: 'small',
    }),
};
