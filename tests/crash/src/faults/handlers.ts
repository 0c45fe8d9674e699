import type { Misdeed } from '../programs/behaviour.ts';
import type { Poison } from '../traffic/plan.ts';
import type { Fault } from './fault.ts';

/** Fewer repositories than open the breaker, but where that is the point. */
export const handlerFaults: Fault[] = [
  handlers('fail-a-while', 'throw for most of a second, and then work', [some('fail', 700), some('violate', 500)]),
  handlers('fail-for-ever', 'throw, always: dead letters', [some('fail', null), some('violate', null)]),
  handlers('hang-a-while', 'do not settle, at first', [{ ...some('hang', 600), deliveries: 3, repositories: 2 }]),
  handlers('hang-for-ever', 'do not settle, ever', [{ ...some('hang', null), deliveries: 1, repositories: 1 }]),
  handlers('misuse', 'swallow errors of SQL, float queries, use their database late', [
    some('swallow', 500),
    some('float', 500),
    some('late', null),
  ]),
  handlers('misuse-for-ever', 'swallow errors of SQL and float queries, always: dead letters', [
    { ...some('swallow', null), deliveries: 3 },
    { ...some('float', null), deliveries: 3 },
  ]),
  handlers('not-their-fault', 'meet conflicts of the database, ask to be run later: nothing counts', [
    // For longer than attempts would last, if these were some.
    some('conflict', 5000),
    some('later', 5000),
  ]),
  handlers('exit', 'end the process, always: set aside, and dead', [killer('exit')]),
  handlers('spin', 'do not return, always: ended by the watchdog, set aside, and dead', [killer('spin')]),
  handlers('exhaust', 'take all memory, always: set aside, and dead', [killer('exhaust')]),
  {
    ...handlers('fleet-fails', 'fail for most repositories at once, for seconds: the breaker keeps them', []),
    // For longer than the attempts of all of them would last, if they counted; and fewer of them than by default, so that
    // they do. More than all that other faults have fail for ever: these must not keep the breaker open. At once, and well
    // over half of all keys: a lane that has no more attempts before so many have failed is rightly dead.
    settings: { HOOKLINE_BREAKER_KEYS: '16', HOOKLINE_LANE_CONCURRENCY: '8', HOOKLINE_LANE_RETRY_MAX_MS: '1500' },
    poisons: [{ does: 'fail', forMs: 12_000, deliveries: 160, repositories: 160, in: 'effect', burst: true }],
  },
];

function handlers(name: string, title: string, poisons: Poison[]): Fault {
  return { name: `handlers-${name}`, family: 'handlers', title: `handlers ${title}`, poisons };
}

function some(does: Misdeed, forMs: number | null): Poison {
  return { does, forMs, deliveries: 8, repositories: 4 };
}

function killer(does: Misdeed): Poison {
  return { does, in: 'effect', forMs: null, deliveries: 1, repositories: 1 };
}
