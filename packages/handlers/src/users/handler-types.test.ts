import { describe, expect, it } from '@jest/globals';
import type { AnyPayload, EventName, GithubEvent, PayloadOf } from '../events/payloads.ts';
import { handlers, type On } from './handlers.ts';

// The compiler is what tests here (`npm run check`): each line behind @ts-expect-error must not compile, and would,
// were the payloads `any`. The test itself only shows that such code can be loaded.

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type IsAny<T> = 0 extends 1 & T ? true : false;
function holds<_T extends true>(): void {}

// The types know nothing of these: only Enterprise products have them. What of github.com's fell through to AnyPayload,
// because of a name that is written otherwise than its event, would be here, too.
type Untyped = { [Name in Exclude<EventName, '*'>]: Same<PayloadOf<Name>, AnyPayload> extends true ? Name : never };
type UntypedEvent = Extract<Untyped[keyof Untyped], GithubEvent>;

holds<
  Same<
    UntypedEvent,
    | 'cache_sync'
    | 'dismissal_request_code_scanning'
    | 'dismissal_request_secret_scanning'
    | 'enterprise'
    | 'exemption_request_push_ruleset'
    | 'exemption_request_secret_scanning'
    | 'organization_custom_property'
    | 'organization_custom_property_values'
    | 'user'
  >
>();
holds<
  Same<
    Exclude<Untyped[keyof Untyped], GithubEvent | `${UntypedEvent}.${string}`>,
    'repository.anonymous_access_disabled' | 'repository.anonymous_access_enabled'
  >
>();

type AnyOf = { [Name in GithubEvent]: IsAny<PayloadOf<Name>> };
holds<Same<AnyOf[GithubEvent], false>>();
holds<Same<PayloadOf<'issues.opened'>['action'], 'opened'>>();
holds<Same<PayloadOf<'issues.opened' | 'issues.closed'>['action'], 'opened' | 'closed'>>();

const register = (on: On): void => {
  on('issues.opened', ({ payload, effects, delivery }) => {
    const text: string = `${payload.issue.title} ${payload.repository.owner.login} ${delivery.guid}`;
    effects.githubComment({ issue: payload.issue, body: text });
    // @ts-expect-error: an issue has no such field
    void payload.issue.titel;
    // @ts-expect-error: and the payload none
    void payload.pull_request;
    // @ts-expect-error: a number is no text
    const number: string = payload.issue.number;
    void number;
    // @ts-expect-error: a comment has a body
    effects.githubComment({ issue: payload.issue });
    // @ts-expect-error: and an issue
    effects.githubComment({ body: 'x' });
  });
  on('pull_request', 'of-all-actions', ({ payload }) => {
    if (payload.action === 'synchronize') void payload.before.length;
    // @ts-expect-error: only a payload of `synchronize` has it
    void payload.before.length;
  });
  on(['push', 'fork'], 'two', { maxAttempts: 3 }, ({ payload }) => {
    if ('commits' in payload) void payload.commits.length;
    // @ts-expect-error: a push has no forkee
    void payload.forkee.id;
  });
  on('*', 'all', ({ payload }) => {
    void payload.repository?.full_name;
    // @ts-expect-error: not every payload has a repository
    void payload.repository.full_name;
  });
  on('repository_dispatch.of-mine', ({ payload }) => void payload.client_payload);
  on('custom_property.promote_to_enterprise', ({ payload }) => void payload.definition.property_name);
  // @ts-expect-error: there is no such event
  on('issue.opened', 'a', () => {});
  // @ts-expect-error: nor action
  on('issues.opend', 'b', () => {});
  // @ts-expect-error: a push has no action
  on('push.created', 'c', () => {});
  // @ts-expect-error: nor is there such an option
  on('push', 'd', { timeout: 3 }, () => {});
};

describe('handlers with the types of GitHub', () => {
  it('are those that were registered', () => {
    const names = handlers(({ on, onJob }) => {
      register(on);
      onJob<{ full: boolean }>('sync', ({ payload, cause }) => {
        void `${payload.full} ${cause.guid}`;
        // @ts-expect-error: the job's payload has no such field
        void payload.fuller;
      });
      // @ts-expect-error: nobody has said what its payload is
      onJob('other', ({ payload }) => void payload.field);
    }).map(({ name }) => name);
    expect(names).toEqual([
      ...['issues.opened', 'of-all-actions', 'two', 'all', 'repository_dispatch.of-mine'],
      ...['custom_property.promote_to_enterprise', 'a', 'b', 'c', 'd', 'sync', 'other'],
    ]);
  });
});
