import { backlogFigures, RATE } from '../backlog/figures.ts';
import { processorAlone } from '../backlog/processor-alone.ts';
import type { Bench } from '../bench.ts';
import { fillRepositories, repositoriesSpread } from '../load/repositories.ts';

const REPOSITORIES = { baseline: 100, subject: 1_000_000 };

/** What it costs to have very many repositories, each of which is known already. */
export const repositories: Bench = {
  name: 'repositories',
  about: 'a million known repositories against a hundred, deliveries spread over all of them; small bodies.',
  sides: { baseline: '100 repositories', subject: '10^6' },
  figures: backlogFigures({ [RATE]: { target: { atLeast: 0.9 } } }),
  measure(side, context) {
    const known = side === 'baseline' ? REPOSITORIES.baseline : Math.ceil(REPOSITORIES.subject * context.scale);
    return processorAlone(context, {
      records: 150_000,
      repositories: (count) => repositoriesSpread(count, known),
      payloads: 'small',
      prepare: (system) => fillRepositories(system, known),
    });
  },
};
