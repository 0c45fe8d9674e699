import { createHash } from 'node:crypto';

/** The kinds of effects that Hookline sends itself. Users can add others. */
export const EFFECT_KINDS = [
  'github.comment',
  'github.stickyComment',
  'github.checkRun',
  'github.request',
  'http.post',
  'http.forward',
  'kafka.publish',
] as const;

export type BuiltInEffectKind = (typeof EFFECT_KINDS)[number];

/** What a request is about at GitHub, and under whose credentials. */
export interface GithubTarget {
  /** Host of GitHub, as in the ordering key. */
  namespace: string;
  /** Source of the delivery: an App of its own may belong to it. */
  source: string;
  /** Decimal digits; null: the delivery names none, and a token is needed. */
  installationId: string | null;
}

export interface GithubIssue extends GithubTarget {
  owner: string;
  repo: string;
  issueNumber: number;
}

/** A new comment on an issue or pull request. */
export interface GithubComment extends GithubIssue {
  body: string;
}

/** The one comment of this name on an issue: created once, and changed from then on. */
export interface GithubStickyComment extends GithubIssue {
  name: string;
  body: string;
}

/** The one check run of this name for a commit: created once, and changed from then on. */
export interface GithubCheckRun extends GithubTarget {
  owner: string;
  repo: string;
  headSha: string;
  name: string;
  /** Fields of GitHub's API beside those above: status, conclusion, output, … */
  fields: Record<string, unknown>;
}

/** Any request of GitHub's REST API. */
export interface GithubRequest extends GithubTarget {
  /** `PUT /repos/{owner}/{repo}/labels`. */
  route: string;
  parameters: Record<string, unknown>;
  /** Sending it twice is as good as once. By its method, where absent: everything but POST and PATCH. */
  idempotent?: boolean;
}

/** A POST of JSON. */
export interface HttpPost {
  url: string;
  /** The JSON, byte for byte. */
  body: string;
  headers: Record<string, string>;
  /** Name of the signing secret that the relay has; null: it is not signed. */
  signWith: string | null;
}

/** The original bytes and GitHub's headers, signed anew for the target. */
export interface HttpForward {
  /** Name of a route: its URL and secret are the relay's. */
  route: string;
}

/** A job: a record of the job topic under the ordering key of the delivery. */
export interface KafkaPublish {
  job: string;
  payload: unknown;
}

/** An effect that a handler has asked for, of one delivery. */
export interface RequestedEffect {
  kind: string;
  /** The handler's own key, or `#` and the ordinal of the call: the same when the handler runs again. */
  key: string;
  /** Effects of one ordering key and one queue are sent one after another; `''` for all that name none. */
  queue: string;
  /** JSON. */
  request: unknown;
  /** The delivery's body and headers go with it. */
  withBody: boolean;
}

/** What an effect belongs to. */
export interface EffectOrigin {
  dedupScope: string;
  /** Lower case. */
  guid: string;
  digest: Buffer;
  handler: string;
  /** {@link RequestedEffect.key}. */
  key: string;
}

/**
 * The id of an effect, a UUID of version 8 (RFC 9562): the same whenever the same handler asks for the same effect of the
 * same delivery, and no other. It is the idempotency key that receivers get.
 */
export function effectId({ dedupScope, guid, digest, handler, key }: EffectOrigin): string {
  const hash = createHash('sha256').update('hookline effect');
  for (const part of [dedupScope, guid, digest, handler, key]) {
    const bytes = Buffer.from(part);
    // With its length before it: otherwise parts could be cut elsewhere, and be the same text.
    hash.update(`\n${bytes.length}:`).update(bytes);
  }
  const id = hash.digest().subarray(0, 16);
  id[6] = ((id[6] as number) & 0x0f) | 0x80;
  id[8] = ((id[8] as number) & 0x3f) | 0x80;
  return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Event of a job's record; its action is the job's name. No event of GitHub's has this name. */
export const JOB_EVENT = 'hookline_job';

/** Source and dedup scope of a job's record; no source of ingest may have this name. */
export const JOB_SOURCE = 'hookline.jobs';

/** Topic of jobs, where nothing else is configured. */
export const JOB_TOPIC = 'hookline.jobs';

/** The body of a job's record. */
export interface Job {
  job: string;
  payload: unknown;
  /** The delivery whose handler asked for it. */
  cause: { guid: string; event: string; action: string | null; source: string; handler: string };
}

/** What became of an effect: the audit's stage `effect`. */
export type EffectDecision =
  /** Its target has taken it. */
  | 'sent'
  /** An attempt failed, or was put off; it stays. */
  | 'failed'
  /** An attempt began, and nobody knows how it ended. */
  | 'ambiguous'
  /** It will not be tried again, until an operator decides. */
  | 'dead-lettered'
  /** Its handler has asked for it again, and it was known: nothing was written. */
  | 'known';
