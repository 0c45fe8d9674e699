import { SLUGGISH_MS, type Targets } from '../targets/start-targets.ts';
import type { Service } from '../system/service.ts';
import type { Attack } from './fault.ts';
import { insist } from './insist.ts';

type How = 'claimed' | 'waiting';

/** Effects that wait for the same moment: so a claim has several, and memory, too. */
const PUT_OFF = 8;
const PUT_OFF_WITHIN_MS = 5000;
const CLAIMS_WITHIN_MS = 3000;
/** Until another relay has the shards, and attempts that nobody knows the end of can be looked for. */
const TAKEN_WITHIN_MS = 14_000;
const POLL_MS = 30;

/**
 * What a lease is for: a relay is stopped with effects that it has claimed and not sent, or that wait in its memory, and goes
 * on at the moment when another one is sending some of these. Whatever is sent takes a while, so that there is such a moment.
 */
export async function wakeMeanwhile(attack: Attack): Promise<void> {
  const { system, random, pause, note } = attack;
  const { github, receiver } = system.targets as Targets;
  for (const how of ['claimed', 'waiting', 'claimed', 'waiting'] as const) {
    await pause(random.integer(300, 900));
    receiver.disturb(['unavailable'], 1, random);
    await until(attack, PUT_OFF_WITHIN_MS, async () => (await left(attack, 'waiting')).length >= PUT_OFF);
    receiver.disturb(['sluggish'], 1, random);
    const slow = github.fault({
      match: { method: 'POST', path: '(comments|dispatches)$' },
      fault: { kind: 'slow', delayMs: SLUGGISH_MS },
      times: null,
    });
    const victim = random.pick(system.relays);
    const isStopped = how === 'claimed' ? await stopAtClaim(attack, victim) : stop(victim);
    const before = await left(attack, how);
    const found = isStopped && (await until(attack, TAKEN_WITHIN_MS, () => isSentByAnother(attack, before, how)));
    victim.signal('SIGCONT');
    note(`${victim.name}, ${how}: ${found ? 'woken while another sends what it had' : 'nobody has sent what it had'}`);
    await pause(2 * SLUGGISH_MS);
    receiver.repair();
    slow.fault.times = 0;
  }
}

function stop(victim: Service): boolean {
  victim.signal('SIGSTOP');
  return true;
}

/** Behind the COMMIT of a claim, and before it sends anything. */
async function stopAtClaim({ pause }: Attack, victim: Service): Promise<boolean> {
  const point = 'after-claim-commit';
  const times = (): number => victim.reached().filter((reached) => reached === point).length;
  const before = times();
  victim.order({ order: 'arm', point, nth: 1, action: 'freeze' });
  return until({ pause }, CLAIMS_WITHIN_MS, () => Promise.resolve(times() > before));
}

async function until(
  { pause }: Pick<Attack, 'pause'>,
  withinMs: number,
  condition: () => Promise<boolean>,
): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    if (await condition()) return true;
    await pause(POLL_MS);
  }
  return false;
}

interface Left {
  id: string;
  /** Of its shard. */
  epoch: string;
  attempts: number;
}

async function left(attack: Attack, how: How): Promise<Left[]> {
  const query = () => attack.system.database.query<Left & Record<string, unknown>>(LEFT, [STATES[how]]);
  return (await insist(attack, query)).rows;
}

/** Whether another relay is sending one of these, in a shard that it has taken since. */
async function isSentByAnother(attack: Attack, before: readonly Left[], how: How): Promise<boolean> {
  const values = [
    before.map(({ id }) => id),
    before.map(({ epoch }) => epoch),
    before.map(({ attempts }) => attempts),
    how === 'claimed',
  ];
  const { rowCount } = await insist(attack, () => attack.system.database.query(BEING_SENT, values));
  return rowCount > 0;
}

const STATES: Readonly<Record<How, string>> = { claimed: 'sending', waiting: 'waiting' };

const LEFT = `
  select effect_id as id, shard.epoch, total_attempts as attempts
    from hookline.outbox as effect
    join hookline.outbox_shards as shard using (consumer_group, topic, kafka_partition)
   where effect.state = $1`;

/**
 * What its target takes a while for. Of what was claimed ($4) only what is looked for first, and behind that look: whoever
 * knows the key does nothing the second time.
 */
const BEING_SENT = `
  select
    from hookline.outbox as effect
    join hookline.outbox_shards as shard using (consumer_group, topic, kafka_partition)
    join unnest($1::uuid[], $2::bigint[], $3::integer[]) as left_over (effect_id, epoch, attempts) using (effect_id)
   where effect.state = 'sending' and effect.error is null and shard.epoch > left_over.epoch
     and case when $4 then effect.kind in ('github.comment', 'crash.look')
                           and effect.total_attempts > left_over.attempts + 1
              else effect.kind in ('github.comment', 'crash.look', 'http.post', 'http.forward', 'crash.resend')
                   and effect.total_attempts > left_over.attempts end`;
