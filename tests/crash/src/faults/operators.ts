import type { Poison } from '../traffic/plan.ts';
import type { Fault } from './fault.ts';
import { decideByCommandLine } from './operators-cli.ts';
import { decideAboutDead } from './operators-dead.ts';
import { decideAboutLanes } from './operators-lanes.ts';
import { decideAboutReplays } from './operators-replays.ts';

/** Dead after two or three seconds, and able to run a few seconds later. Fewer repositories than open the breaker. */
const DIES: Poison = { does: 'fail', forMs: 5000, deliveries: 12, repositories: 4, outlasts: true };
/** Dead, and dead again whenever it is redriven. */
const STAYS_DEAD: Poison = { does: 'fail', forMs: null, deliveries: 4, repositories: 2 };

/** Commands of operators, into the log and by the table, while traffic goes on and everything else fails. */
export const operatorFaults: Fault[] = [
  {
    name: 'operators-lanes',
    family: 'operators',
    title:
      'busy repositories are held and released, heads of lanes retried and skipped, also on what is not so any more',
    poisons: [DIES],
    run: decideAboutLanes,
  },
  {
    name: 'operators-dead-letters',
    family: 'operators',
    title: 'dead letters are redriven and discarded while the same deliveries arrive again',
    poisons: [DIES, STAYS_DEAD],
    run: decideAboutDead,
  },
  {
    name: 'operators-replays',
    family: 'operators',
    title: 'captured bodies arrive under other GUIDs, and are released or discarded, and arrive again',
    run: decideAboutReplays,
  },
  {
    name: 'operators-command-line',
    family: 'operators',
    title: 'all of that a few times by the command line itself',
    poisons: [DIES],
    run: decideByCommandLine,
  },
  {
    name: 'operators-reread',
    family: 'operators',
    title: 'the stored offsets are set back, and the whole log is read again: nothing may change',
    poisons: [DIES, STAYS_DEAD],
    rereads: true,
    keepsData: true,
    async run(attack) {
      await Promise.all([decideAboutDead(attack), decideAboutReplays(attack)]);
    },
  },
];
