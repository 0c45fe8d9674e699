import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import type { GithubEvent, PayloadOf } from '../events/payloads.ts';
import { testHandler } from '../test-handler/index.ts';
import { handlers, type Registry } from './handlers.ts';

// By require: the package is a JSON file, whose types do not fit its import.
const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as { name: string; examples: object[] }[];

type Look<Event extends GithubEvent> = (payload: PayloadOf<Event>) => unknown;

/** What each event is about, read by its type: what the type promises must be there in each payload that was collected. */
const SUBJECTS = {
  branch_protection_rule: ({ rule, repository }) => [rule.id, repository.id],
  check_run: ({ check_run: run }) => [run.id, run.head_sha, run.check_suite?.id],
  check_suite: ({ check_suite: suite }) => [suite.id, suite.head_sha, suite.app.id],
  code_scanning_alert: ({ alert, commit_oid: commit }) => [alert.number, alert.rule.description, commit],
  commit_comment: ({ comment }) => [comment.id, comment.commit_id, comment.body],
  create: ({ ref, ref_type: type, master_branch: branch }) => [ref, type, branch],
  delete: ({ ref, ref_type: type }) => [ref, type],
  dependabot_alert: ({ alert }) => [alert.number, alert.security_advisory.ghsa_id],
  deploy_key: ({ key }) => [key.id, key.title],
  deployment: ({ deployment }) => [deployment.id, deployment.environment],
  deployment_review: ({ since, workflow_run: run }) => [since, run?.id],
  deployment_status: ({ deployment_status: status, deployment }) => [status.state, deployment.id],
  discussion: ({ discussion }) => [discussion.number, discussion.title],
  discussion_comment: ({ comment, discussion }) => [comment.id, discussion.number],
  fork: ({ forkee }) => [forkee.id, forkee.full_name],
  github_app_authorization: ({ sender }) => [sender.login],
  gollum: ({ pages }) => [pages[0]?.page_name],
  installation: ({ installation }) => [installation.id],
  installation_repositories: ({ installation, repositories_added: added }) => [installation.id, added.length],
  issue_comment: ({ issue, comment }) => [issue.number, comment.id, comment.body],
  issues: ({ issue }) => [issue.number, issue.title],
  label: ({ label }) => [label.name],
  marketplace_purchase: ({ marketplace_purchase: purchase }) => [purchase.account.login, purchase.plan?.name],
  member: ({ member }) => [member?.login],
  membership: ({ member, team }) => [member?.login, team],
  merge_group: ({ merge_group: group }) => [group.head_sha, group.base_ref],
  meta: ({ hook_id: id, hook }) => [id, hook.type],
  milestone: ({ milestone }) => [milestone.number, milestone.title],
  org_block: ({ blocked_user: user, organization }) => [user?.login, organization.login],
  organization: ({ organization }) => [organization.login],
  package: ({ package: { id, name } }) => [id, name],
  page_build: ({ id, build }) => [id, build.status],
  ping: ({ zen, hook_id: id }) => [zen, id],
  project: ({ project }) => [project.id, project.name],
  project_card: ({ project_card: card }) => [card.id],
  project_column: ({ project_column: column }) => [column.id],
  projects_v2_item: ({ projects_v2_item: item }) => [item.id, item.content_type],
  public: ({ repository }) => [repository.id],
  pull_request: ({ number, pull_request: { head, title } }) => [number, head.sha, title],
  pull_request_review: ({ review, pull_request: { number } }) => [review.id, number],
  pull_request_review_comment: ({ comment, pull_request: { number } }) => [comment.id, number],
  pull_request_review_thread: ({ thread }) => [thread.node_id],
  push: ({ ref, after, commits }) => [ref, after, commits.length],
  release: ({ release }) => [release.id, release.tag_name],
  repository: ({ repository }) => [repository?.id, repository?.full_name],
  repository_dispatch: ({ branch }) => [branch],
  repository_import: ({ status }) => [status],
  repository_vulnerability_alert: ({ alert }) => [alert.id],
  security_advisory: ({ security_advisory: advisory }) => [advisory.ghsa_id, advisory.summary],
  sponsorship: ({ sponsorship }) => [sponsorship.node_id, sponsorship.tier.name],
  star: ({ repository }) => [repository.full_name],
  status: ({ sha, state, context }) => [sha, state, context],
  team: ({ team }) => [team.id, team.slug],
  team_add: ({ team }) => [team.id],
  watch: ({ repository }) => [repository.full_name],
  workflow_dispatch: ({ ref, workflow }) => [ref, workflow],
  workflow_job: ({ workflow_job: job }) => [job.id, job.run_id],
  workflow_run: ({ workflow_run: run }) => [run.id, run.head_sha],
} satisfies { [Event in GithubEvent]?: Look<Event> };

describe('each payload that was collected of GitHub', () => {
  const count = examples.reduce((sum, { examples: payloads }) => sum + payloads.length, 0);

  it('has a handler for each event here', () => {
    expect(Object.keys(SUBJECTS).toSorted()).toEqual(examples.map(({ name }) => name).toSorted());
    expect(count).toBeGreaterThan(300);
  });

  it.each(examples)(
    'reaches `*`, its event and its action, and none else, with what its type says: $name',
    async (example) => {
      const { name, examples: payloads } = example;
      const look = SUBJECTS[name as keyof typeof SUBJECTS] as Look<never>;
      for (const payload of payloads) {
        const { action = null } = payload as { action?: string };
        let all: unknown;
        let subject: unknown;
        const module = handlers(({ on }: Registry) => {
          on('*', 'all', (context) => void (all = context.payload));
          on(name as 'issues', 'event', (context) => void (subject = look(context.payload as never)));
          on(`${name}.${action ?? 'none'}` as 'issues.opened', 'action', () => {});
          on(name === 'fork' ? 'push' : 'fork', 'other', () => {});
        }).filter(({ name: handler }) => handler !== 'action' || action !== null);
        const { ran } = await testHandler(module, { event: name, payload });
        expect(ran).toEqual(['all', 'event', ...(action === null ? [] : ['action'])]);
        expect(all).toEqual(payload);
        expect(subject).not.toContain(undefined);
      }
    },
  );
});
