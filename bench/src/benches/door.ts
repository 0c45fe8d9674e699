import { versionOf } from '../baselines/version-of.ts';
import type { Bench, BenchContext, Figure, Measured, Side } from '../bench.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';
import { fillIdentities } from '../load/fill-identities.ts';
import type { PayloadSet } from '../load/payloads.ts';
import { postAll, type Answers } from '../load/post-prepared.ts';
import { openRawClient, prepareRequests } from '../load/raw-http.ts';
import { countPublished } from '../observe/read-ledger.ts';
import { withSystem } from '../system/open-system.ts';
import { INGEST, programOf, startDoor } from '../system/start-door.ts';

const REPOSITORIES = 1000;
/** Known already, for ingest to look into. */
const IDENTITIES = 100_000;
const AT_ONCE = 64;
/** Compiled code and connections, before the clock runs. */
const WARMING = 4000;
const POSTED = 20_000;
/** Posted in turn, each with its own repository: nothing is processed meanwhile, so that none is known by its body. */
const PREPARED = 2800;

const RATE = 'taken';
const CPU = 'CPU time of the door per delivery, start included';

interface Peer {
  program: string;
  /** What it answers to what it has taken. */
  status: number;
}

const BARE: Peer = { program: 'bare-door', status: 202 };
const OCTOKIT: Peer = { program: 'octokit-door', status: 200 };
const PROBOT: Peer = { program: 'probot-door', status: 200 };

/** How fast webhooks come through the door and into the log, and against what else people have there. */
export const doors: readonly Bench[] = [
  ...(['examples', 'small'] as const).map((set) =>
    doorBench(`door-${set}`, 'bare node:http', set, BARE, { target: { atLeast: 0.9 } }),
  ),
  ofPackage('@octokit/webhooks', doorBench('door-octokit', '@octokit/webhooks', 'examples', OCTOKIT)),
  ofPackage('probot', doorBench('door-probot', 'Probot', 'examples', PROBOT)),
];

function doorBench(name: string, baseline: string, set: PayloadSet, peer: Peer, judged: Partial<Figure> = {}): Bench {
  return {
    name,
    about: `webhooks (${set}) through ingest into the log, looked up on the way, against ${baseline} in front of the same producer.`,
    sides: { baseline, subject: 'ingest' },
    figures: [
      { name: RATE, unit: 'deliveries/s', ...judged },
      { name: CPU, unit: 'µs' },
    ],
    measure: (side, context) => measure(side, context, set, peer),
  };
}

/** There to see how far one gets with what people have today: nothing is judged, and three pairs show it. */
function ofPackage(name: string, bench: Bench): Bench {
  return { ...bench, versions: versionOf(name), pairs: 3 };
}

function measure(side: Side, context: BenchContext, set: PayloadSet, peer: Peer): Promise<Measured> {
  return withSystem(context, async (system) => {
    const size = (full: number) => Math.ceil(full * context.scale);
    await fillIdentities(system.databaseUrl, size(IDENTITIES));
    const { main, status } =
      side === 'subject' ? { main: INGEST, status: 202 } : { ...peer, main: programOf(peer.program) };
    const door = await startDoor(system, main);
    const requests = prepareRequests(door.url, repositoriesInTurn(Math.min(PREPARED, size(POSTED)), REPOSITORIES), set);
    const client = openRawClient(door.url);
    try {
      const warming = await postAll(client, requests, { count: size(WARMING), atOnce: AT_ONCE });
      const startedAt = performance.now();
      const answers = await postAll(client, requests, { count: size(POSTED), atOnce: AT_ONCE });
      const rate = size(POSTED) / ((performance.now() - startedAt) / 1000);
      const { cpuSeconds } = await door.stop();
      const published = size(WARMING) + size(POSTED);
      context.say(`  ${rate.toFixed(0)} deliveries/s, ${((cpuSeconds / published) * 1e6).toFixed(0)} µs each`);
      return {
        values: { [RATE]: rate, [CPU]: (cpuSeconds / published) * 1e6 },
        ledger: {
          published,
          completed: await countPublished(system),
          missing: unanswered(warming, status) + unanswered(answers, status),
        },
      };
    } finally {
      client.close();
    }
  });
}

/** Those with any other answer, which must not be in the log either. */
function unanswered(answers: Answers, status: number): number {
  return [...answers].reduce((sum, [answered, count]) => sum + (answered === status ? 0 : count), 0);
}
