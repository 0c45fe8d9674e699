import { DELIVERY_SCHEMA_NAME, effectId } from '@hookline/contracts';
import { createSchemaRegistry, readTopic } from '@hookline/kafka';
import { logger, readEnds, type System } from '../system/system.ts';
import { DEADLINE_MS, type Targets } from '../targets/start-targets.ts';
import type { Arrival, AskedEffect, EffectAudit, LeftEffect, SendingFacts, SettledEffect } from './sending-facts.ts';

type Row = Record<string, unknown>;

/** What handlers have asked for, what arrived, and what the tables say of it; to be read when nothing runs any more. */
export async function readSending(system: System, targets: Targets): Promise<SendingFacts> {
  const { database, relays } = system;
  const read = async <T>(text: string, convert: (row: Row) => T): Promise<T[]> =>
    (await database.query(text)).rows.map(convert);
  const asked = await read(
    `select asked_id, guid, digest, dedup_scope, handler, ordering_key as key, effect_key, kind, queue, about, refused
       from crash.asked order by asked_id`,
    toAsked,
  );
  const forgotten = await read('select distinct guid from crash.aged where beyond', ({ guid }) => String(guid));
  return {
    deadlineMs: DEADLINE_MS,
    asked,
    arrivals: [
      ...targets.receiver.arrivals,
      ...actsAtGithub(targets, asked),
      ...(await readJobs(system, targets.jobTopic)),
    ],
    present: presentComments(targets),
    outbox: await read(
      `select effect_id as "effectId", state, reason, error, total_attempts as "totalAttempts" from hookline.outbox`,
      (row) => row as unknown as LeftEffect,
    ),
    settled: await read(
      'select effect_id as "effectId", outcome, attempts from hookline.settled_effects',
      (row) => row as unknown as SettledEffect,
    ),
    audit: await read(
      'select effect_id as "effectId", stage, decision from hookline.audit_log where effect_id is not null',
      (row) => row as unknown as EffectAudit,
    ),
    frozen: relays.flatMap((relay) => relay.wokenToSend().map((wokenAt) => ({ relay: relay.name, wokenAt }))),
    forgotten: new Set(forgotten),
  };
}

/** The ids are made here by what the handler has noted, as the documentation says, and not taken from the outbox. */
function toAsked(row: Row): AskedEffect {
  const { guid, digest, dedup_scope: dedupScope, handler, effect_key: key } = row;
  const origin = { guid, digest, dedupScope, handler, key } as Parameters<typeof effectId>[0];
  return {
    ...(row as unknown as AskedEffect),
    id: BigInt(row['asked_id'] as string),
    effectId: effectId(origin),
  };
}

/** The stand-in tells whom an act was for, and not what it said: that is compared by what is there in the end. */
function actsAtGithub({ github, login }: Targets, asked: readonly AskedEffect[]): Arrival[] {
  const byId = new Map(asked.map((effect) => [effect.effectId, effect]));
  return github.acts().flatMap(({ did, what, by, effect, at }) => {
    if (did === 'delete' || what !== 'comment' || by !== login) return [];
    const of = byId.get(effect ?? '');
    const kind = of?.kind ?? 'github.comment';
    return [{ kind, about: of?.about ?? `of effect ${effect}`, effectId: effect, at, endedAt: null, acted: true }];
  });
}

function presentComments({ github, login }: Targets): Map<string, number> {
  const present = new Map<string, number>();
  for (const { author, body } of github.comments()) {
    if (author.kind !== 'installation' || `${author.app.slug}[bot]` !== login) continue;
    const about = body.split('\n', 1)[0] ?? '';
    present.set(about, (present.get(about) ?? 0) + 1);
  }
  return present;
}

const READ_MS = 60_000;

/** A job is in its topic any number of times: whoever runs it knows it by its id, which is the GUID of its record. */
async function readJobs({ stack }: System, topic: string): Promise<Arrival[]> {
  const { brokers, registryUrl } = stack.addresses;
  const registry = createSchemaRegistry({ url: registryUrl, timeoutMs: 10_000, topic }, logger);
  const range = { topic, from: new Map(), to: await readEnds({ stack, topic }), timeoutMs: READ_MS };
  const arrivals: Arrival[] = [];
  const known = new Set<string>();
  for (const { value, time } of await readTopic({ brokers, clientId: 'crash' }, logger, range)) {
    const decoded = registry.decodeCached(value) ?? (await registry.decode(value));
    if (!decoded.success || decoded.kind !== DELIVERY_SCHEMA_NAME) throw new Error(`${topic} has what is no job.`);
    const { guid: effectId, body } = decoded.delivery;
    const { about } = (JSON.parse(String(body)) as { payload: { about: string } }).payload;
    arrivals.push({ kind: 'kafka.publish', about, effectId, at: time, endedAt: null, acted: !known.has(effectId) });
    known.add(effectId);
  }
  return arrivals;
}
