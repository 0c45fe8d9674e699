import { DELIVERY_SCHEMA_NAME, effectId } from '@hookline/contracts';
import { createSchemaRegistry, readTopic } from '@hookline/kafka';
import { logger, readEnds, type System } from '../system/system.ts';
import { DEADLINE_MS, type Targets } from '../targets/start-targets.ts';
import { nextOffsets } from '../system/next-offsets.ts';
import { partitionName, placeOf } from './facts.ts';
import type {
  Arrival,
  AskedEffect,
  EffectAudit,
  JobAudit,
  JobRecord,
  JobRun,
  LeftEffect,
  SendingFacts,
  SettledEffect,
} from './sending-facts.ts';

type Row = Record<string, unknown>;

/** What handlers have asked for, what arrived, and what the tables say of it; to be read when nothing runs any more. */
export async function readSending(system: System, targets: Targets): Promise<SendingFacts> {
  const { database, relays } = system;
  const read = async <T>(text: string, convert: (row: Row) => T, values: unknown[] = []): Promise<T[]> =>
    (await database.query(text, values)).rows.map(convert);
  const jobs = await readJobs(system, targets.jobTopic);
  const asked = await read(
    `select asked_id, guid, digest, dedup_scope, handler, ordering_key as key, effect_key, kind, queue, about, refused
       from crash.asked order by asked_id`,
    toAsked,
  );
  const forgotten = await read('select distinct guid from crash.aged where beyond', ({ guid }) => String(guid));
  return {
    deadlineMs: DEADLINE_MS,
    asked,
    arrivals: [...targets.receiver.arrivals, ...actsAtGithub(targets, asked), ...jobs.arrivals],
    present: presentAtGithub(targets),
    twins: twinsAtGithub(targets),
    jobRecords: jobs.records,
    jobRuns: await read(
      'select effect_id as "effectId", ordering_key as key, about from crash.job_runs order by run_id',
      (row) => row as unknown as JobRun,
    ),
    jobAudit: await read(
      `select topic, kafka_partition as partition, kafka_offset as offset, decision
         from hookline.audit_log where topic = $1 and stage = 'log' order by audit_id`,
      toJobAudit,
      [targets.jobTopic],
    ),
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
    if (did === 'delete' || by !== login) return [];
    const of = byId.get(effect ?? '');
    const kind = of?.kind ?? what;
    return [{ kind, about: of?.about ?? `of effect ${effect}`, effectId: effect, at, endedAt: null, acted: true }];
  });
}

function presentAtGithub({ github, login }: Targets): Map<string, number> {
  const present = new Map<string, number>();
  const note = (about: string): void => void present.set(about, (present.get(about) ?? 0) + 1);
  for (const { author, body } of github.comments()) {
    if (author.kind === 'installation' && `${author.app.slug}[bot]` === login) note(body.split('\n', 1)[0] ?? '');
  }
  for (const { output } of github.checkRuns()) note(output.summary ?? '');
  return present;
}

function twinsAtGithub({ github }: Targets): string[] {
  return github
    .doubled()
    .filter(({ name, present }) => name !== null && present > 1)
    .map(({ what, repository, name, present }) => `${what} ${name} of ${repository}: ${present} times`);
}

function toJobAudit(row: Row): JobAudit {
  const { topic, partition, offset, decision } = row as {
    topic: string;
    partition: number;
    offset: string;
    decision: string;
  };
  return { place: placeOf({ partition: partitionName(topic, partition), offset: BigInt(offset) }), decision };
}

const READ_MS = 60_000;

interface Jobs {
  arrivals: Arrival[];
  records: JobRecord[];
}

/** A job is in its topic any number of times: whoever runs it knows it by its id, which is the GUID of its record. */
async function readJobs({ stack, database }: System, topic: string): Promise<Jobs> {
  const { brokers, registryUrl } = stack.addresses;
  const registry = createSchemaRegistry({ url: registryUrl, timeoutMs: 10_000, topic }, logger);
  const range = { topic, from: new Map(), to: await readEnds({ stack, topic }), timeoutMs: READ_MS };
  const next = new Map(await nextOffsets({ database, topic }));
  const [arrivals, records]: [Arrival[], JobRecord[]] = [[], []];
  const known = new Set<string>();
  for (const record of await readTopic({ brokers, clientId: 'crash' }, logger, range)) {
    const { partition, offset, key, value, time } = record;
    const decoded = registry.decodeCached(value) ?? (await registry.decode(value));
    if (!decoded.success || decoded.kind !== DELIVERY_SCHEMA_NAME) throw new Error(`${topic} has what is no job.`);
    const { guid: effectId, body } = decoded.delivery;
    const { about } = (JSON.parse(String(body)) as { payload: { about: string } }).payload;
    arrivals.push({ kind: 'kafka.publish', about, effectId, at: time, endedAt: null, acted: !known.has(effectId) });
    known.add(effectId);
    const place = placeOf({ partition: partitionName(topic, partition), offset });
    records.push({ effectId, key: String(key), place, read: offset < (next.get(partition) ?? 0n) });
  }
  return { arrivals, records };
}
