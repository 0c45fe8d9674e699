import type { FaultKind } from '@hookline/github/stand-in';
import type { Mishap } from '../targets/receiver.ts';
import { TOO_SLOW_MS, type Targets } from '../targets/start-targets.ts';
import type { Attack } from './fault.ts';
import { insist } from './insist.ts';

interface TargetFault {
  name: string;
  title: string;
  run(attack: Attack): Promise<void>;
}

/** What those do to whom relays send. */
export const targetFaults: TargetFault[] = [
  {
    name: 'github-unheard',
    title: 'GitHub acts and does not answer, or answers 500, or too late',
    run: (attack) =>
      atGithub(attack, [
        { kind: 'drop-reply' },
        { kind: 'error-after' },
        { kind: 'slow', delayMs: TOO_SLOW_MS, act: 'first' },
        { kind: 'slow', delayMs: TOO_SLOW_MS, act: 'last' },
        { kind: 'drop-request' },
        { kind: 'error', status: 502 },
      ]),
  },
  {
    name: 'github-late',
    title: 'GitHub does what is posted when nobody waits any more, but before anybody may look',
    run: (attack) => atGithub(attack, [{ kind: 'slow', delayMs: TOO_SLOW_MS, act: 'last' }], POSTS),
  },
  {
    name: 'github-limits',
    title: "GitHub's limits, with and without Retry-After",
    run: (attack) =>
      atGithub(attack, [
        { kind: 'secondary-limit', retryAfter: 1 },
        { kind: 'too-many-requests', retryAfter: 1 },
        { kind: 'primary-limit', resetMs: 1500 },
      ]),
  },
  {
    name: 'github-copied',
    title: 'requests to GitHub break off, and somebody else posts the comment, marker and all',
    run: copyComments,
  },
  {
    name: 'receiver-unheard',
    title: 'a receiver acts and does not answer, or answers 500, or too late',
    run: (attack) => atReceiver(attack, ['drop-request', 'drop-reply', 'error-after', 'error', 'slow'], 0.15),
  },
  {
    name: 'receiver-limits',
    title: 'a receiver takes nothing for a while: 503 with a Retry-After',
    run: (attack) => atReceiver(attack, ['unavailable'], 0.1),
  },
];

const targetsOf = ({ system }: Attack): Targets => system.targets as Targets;

/** All that relays ask of GitHub for what handlers want, but for tokens. */
const REQUESTS = [
  'POST comments',
  'PATCH comments',
  'GET comments',
  'POST check-runs',
  'PATCH check-runs',
  'GET check-runs',
  'PUT labels',
  'POST dispatches',
];
const POSTS = REQUESTS.filter((request) => request.startsWith('POST'));

/** Each a few times, one after another: over all of them at once, nothing would ever be sent. */
async function atGithub(
  attack: Attack,
  kinds: readonly FaultKind[],
  requests: readonly string[] = REQUESTS,
): Promise<void> {
  const { github } = targetsOf(attack);
  const { random, pause, note } = attack;
  const programmed = [];
  for (let times = 32; times > 0; times -= 1) {
    await pause(random.integer(100, 400));
    const [method = '', path = ''] = random.pick(requests).split(' ');
    programmed.push(github.fault({ match: { method, path }, fault: random.pick(kinds) }));
  }
  note(`met ${programmed.reduce((sum, { hits }) => sum + hits, 0)} times`);
}

async function atReceiver(attack: Attack, mishaps: readonly Mishap[], share: number): Promise<void> {
  const { random, pause, note } = attack;
  const { receiver } = targetsOf(attack);
  await pause(random.integer(300, 1500));
  receiver.disturb(mishaps, share, random.fork('receiver'));
  await pause(random.integer(6000, 9000));
  receiver.repair();
  note('is over');
}

/** Written here anew: it is what is promised of the marker. */
const markerOf = (effectId: string): string => `<!-- hookline:effect=${effectId} -->`;

/** While nobody knows how an attempt ended, a comment with its marker appears, which is not ours. */
async function copyComments(attack: Attack): Promise<void> {
  const { github, stranger } = targetsOf(attack);
  const { random, pause, note, system } = attack;
  const copied = new Set<string>();
  const match = { method: 'POST', path: 'comments$' };
  for (let times = 30; times > 0; times -= 1) {
    if (times % 3 === 0) github.fault({ match, fault: { kind: 'drop-request' } });
    await pause(random.integer(150, 400));
    const { rows } = await insist(attack, () => system.database.query<{ id: string; repo: string }>(UNKNOWN));
    for (const { id, repo } of rows.filter((row) => !copied.has(row.id))) {
      copied.add(id);
      const body = `A copy.\n\n${markerOf(id)}`;
      github.addComment({ owner: 'octo-org', repo, issueNumber: 1, body, author: { kind: 'user', user: stranger } });
    }
  }
  note(`${copied.size} comments copied`);
}

const UNKNOWN = `
  select effect_id as id, request ->> 'repo' as repo from hookline.outbox
   where kind = 'github.comment' and state = 'sending' and error is not null`;
