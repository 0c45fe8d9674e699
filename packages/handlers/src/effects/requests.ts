import type {
  GithubCheckRun,
  GithubComment,
  GithubRequest,
  GithubStickyComment,
  HttpForward,
  HttpPost,
  KafkaPublish,
  RequestedEffect,
} from '@hookline/contracts';
import { isJobName, JOB_NAME_WANTED } from '../job-name.ts';
import { asJson } from './as-json.ts';
import type {
  CheckRunRequest,
  CommentRequest,
  ForwardRequest,
  GithubRequestOptions,
  PostRequest,
  StickyCommentRequest,
} from './effects.ts';
import { githubIssue, githubTarget, repositoryOf, type EffectDelivery } from './github-target.ts';

/** What is written of an effect, but for its key. What cannot be asked for throws TypeError, which says why. */
type Asked = Omit<RequestedEffect, 'key'>;

/** Of a kind of ours, with its own type of request. */
const asked = <Request>(kind: string, request: Request): Asked => ({ kind, queue: '', request, withBody: false });

export function commentOf(delivery: EffectDelivery, comment: CommentRequest): Asked {
  const body = textOf(comment.body, 'body');
  return asked<GithubComment>('github.comment', { ...githubIssue(delivery, comment), body });
}

export function stickyCommentOf(delivery: EffectDelivery, { key, ...comment }: StickyCommentRequest): Asked {
  const request = { ...githubIssue(delivery, comment), name: nameOf(key, 'key'), body: textOf(comment.body, 'body') };
  return asked<GithubStickyComment>('github.stickyComment', request);
}

export function checkRunOf(delivery: EffectDelivery, run: CheckRunRequest): Asked {
  const { headSha, name, key: _key, owner, repo, installationId, ...fields } = run;
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(headSha)) throw new TypeError('`headSha` is no hash of a commit');
  return asked<GithubCheckRun>('github.checkRun', {
    ...githubTarget(delivery, { ...(installationId !== undefined && { installationId }) }),
    ...repositoryOf(delivery, { owner, repo }),
    headSha,
    name: nameOf(name, 'name'),
    fields,
  });
}

export function githubRequestOf(
  delivery: EffectDelivery,
  route: string,
  parameters: Record<string, unknown>,
  { installationId, idempotent }: GithubRequestOptions,
): Asked {
  if (!/^(GET|HEAD|POST|PUT|PATCH|DELETE) \/\S*$/.test(route)) {
    throw new TypeError(`${JSON.stringify(route)} is no route, such as \`PUT /repos/{owner}/{repo}/topics\``);
  }
  const place = /\{(owner|repo)\}/.test(route) ? repositoryOf(delivery, parameters) : {};
  return asked<GithubRequest>('github.request', {
    ...githubTarget(delivery, { ...(installationId !== undefined && { installationId }) }),
    route,
    parameters: { ...parameters, ...place },
    ...(idempotent !== undefined && { idempotent }),
  });
}

export function postOf({ url, body, headers = {}, signWith, queue = '' }: PostRequest): Asked {
  const target = URL.parse(String(url));
  if (target === null || !['http:', 'https:'].includes(target.protocol)) {
    throw new TypeError(`${JSON.stringify(String(url))} is no URL of http or https`);
  }
  if (target.username !== '' || target.password !== '') {
    throw new TypeError('its URL holds a password: have it signed, or give the target a name that the relay knows');
  }
  for (const [name, value] of Object.entries(headers)) {
    if (/^[!#$%&'*+.^`|~\w-]+$/.test(name) && /^[\t\x20-\x7e]*$/.test(value)) continue;
    throw new TypeError(`${JSON.stringify(name)} is no header of HTTP, or has no value of one`);
  }
  const post: HttpPost = {
    url: target.href,
    body: JSON.stringify(asJson(body).copy),
    headers,
    signWith: signWith === undefined ? null : nameOf(signWith, 'signWith'),
  };
  return { ...asked('http.post', post), queue };
}

export function forwardOf({ route }: ForwardRequest): Asked {
  const forward: HttpForward = { route: nameOf(route, 'route') };
  return { kind: 'http.forward', queue: route, request: forward, withBody: true };
}

export function jobOf(name: string, payload: unknown): Asked {
  if (!isJobName(name)) throw new TypeError(`${JSON.stringify(name)} is no name of a job: ${JOB_NAME_WANTED}`);
  return asked<KafkaPublish>('kafka.publish', { job: name, payload: payload ?? null });
}

function textOf(text: unknown, field: string): string {
  if (typeof text === 'string' && text.trim() !== '') return text;
  throw new TypeError(`\`${field}\` must be text, and not empty`);
}

function nameOf(name: unknown, field: string): string {
  if (typeof name === 'string' && /^[^\p{Cc}]{1,200}$/u.test(name)) return name;
  throw new TypeError(`\`${field}\` must be a name: 1 to 200 characters of one line`);
}
