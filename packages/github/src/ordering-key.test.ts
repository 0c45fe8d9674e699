import { describe, expect, it } from '@jest/globals';
import { type KeyKind, type KeyRule, orderingKey } from '@hookline/contracts';
import { payloadFacts } from './facts.ts';
import { readPayload } from './payload.ts';
import { examples } from './testing/descriptions.ts';

/** Events whose every example names its repository: all that happens in one repository stays in order. */
const OF_A_REPOSITORY = `
  branch_protection_rule check_run check_suite code_scanning_alert commit_comment create delete dependabot_alert
  deploy_key deployment deployment_review deployment_status discussion discussion_comment fork gollum issue_comment
  issues label member merge_group meta milestone package page_build project project_card project_column public
  pull_request pull_request_review pull_request_review_comment pull_request_review_thread push release repository
  repository_dispatch repository_import repository_vulnerability_alert star status team_add watch workflow_dispatch
  workflow_job workflow_run
`;

/** The others: which keys their examples get, how many of each, and why not the repository's. */
const OTHERS: [event: string, keys: Partial<Record<KeyKind, number>>, why: string][] = [
  ['github_app_authorization', { sender: 2 }, 'a user revokes an app: there is only that user'],
  ['installation', { installation: 7 }, 'an app is installed: it names many repositories, in a list'],
  ['installation_repositories', { installation: 3 }, 'the repositories added and removed are lists, too'],
  ['marketplace_purchase', { sender: 4 }, 'an account buys: neither an installation nor an organization object'],
  ['membership', { organization: 4, installation: 1 }, 'of a team; sent to an app it also names its installation'],
  ['organization', { organization: 2, installation: 3 }, 'of the organization; to an app, of its installation'],
  ['org_block', { organization: 3, installation: 1 }, 'of the organization; to an app, of its installation'],
  ['ping', { repository: 3, organization: 1 }, "of the hook: a repository's, or an organization's"],
  ['projects_v2_item', { organization: 4, installation: 3 }, 'projects (v2) belong to organizations'],
  ['security_advisory', { scope: 4 }, "of GitHub's database: it names nobody, not even a sender"],
  ['sponsorship', { sender: 4 }, 'a user sponsors another: there are only users'],
  ['team', { repository: 3, installation: 3 }, 'of the repository the team gets; without one, of the installation'],
];

const origin = { namespace: 'github.com', dedupScope: 'main' };

function keyOf(example: object, rule: KeyRule = 'repository') {
  const read = readPayload(Buffer.from(JSON.stringify(example)), 'json');
  if (!read.success) throw new Error(read.detail);
  return orderingKey(payloadFacts(read.payload, read.text), origin, rule);
}

describe('the ordering key of every example payload', () => {
  const expected = new Map<string, Partial<Record<KeyKind, number>>>(OTHERS.map(([event, keys]) => [event, keys]));
  for (const event of OF_A_REPOSITORY.trim().split(/\s+/)) {
    expected.set(event, { repository: examples.find(({ name }) => name === event)?.examples.length ?? 0 });
  }

  it('is listed for every event there is', () => {
    expect([...expected.keys()].toSorted()).toEqual(examples.map(({ name }) => name).toSorted());
  });

  it.each(examples.map(({ name, examples: payloads }) => [name, payloads] as const))('%s', (name, payloads) => {
    const kinds: Partial<Record<KeyKind, number>> = {};
    for (const payload of payloads) {
      const { kind, key } = keyOf(payload);
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      const id = kind === 'scope' ? 'main' : (payload as Record<string, { id?: number }>)[kind]?.id;
      expect(key).toBe(`github.com/${kind}/${id}`);
    }
    expect(kinds).toEqual(expected.get(name));
  });

  it('is by owner that of the owner wherever a repository is named, and otherwise the same', () => {
    const payloads = examples.flatMap(({ examples: some }) => some as { repository?: { owner: { id: number } } }[]);
    for (const payload of payloads) {
      const owner = payload.repository?.owner.id;
      expect(keyOf(payload, 'owner').key).toBe(owner === undefined ? keyOf(payload).key : `github.com/owner/${owner}`);
    }
    const named = payloads.filter(({ repository }) => repository !== undefined);
    expect(named.length).toBeGreaterThan(100);
  });
});
