import type { GithubEvent } from '../events/payloads.ts';

/** How a payload says what it is about, and as of when, by GitHub's clock. */
export type SubjectRule =
  | {
      /** Paths of what names the subject, all of them. */
      subject: readonly string[];
      /** Paths of the time; the first that is there. */
      time: readonly string[];
    }
  /** Why no payload of the event says both. */
  | { none: string };

const rule = (subject: string, time: string): SubjectRule => ({ subject: subject.split(' '), time: time.split(' ') });
const none = (why: string): SubjectRule => ({ none: why });

const NO_TIME = 'It has no time of the change.';
const NO_CHANGE = 'It tells of something that has happened, and of no state that a later one replaces.';
const SAME_TIMES = 'A change does not change the times that it has.';

/**
 * For each event what `order.stale()` compares. A time must be set by GitHub, never go back for a subject, and be moved by
 * each change of it: by a time that a change leaves as it is, what comes late would not be known as late.
 *
 * After `deleted` nothing about a subject is later, whatever its time.
 */
export const SUBJECT_RULES: Readonly<Record<GithubEvent, SubjectRule>> = {
  branch_protection_configuration: none(NO_TIME),
  branch_protection_rule: none(SAME_TIMES),
  cache_sync: none(NO_CHANGE),
  check_run: rule('check_run.id', 'check_run.completed_at check_run.started_at'),
  check_suite: rule('check_suite.id', 'check_suite.updated_at'),
  code_scanning_alert: none('Not every product says when an alert was changed.'),
  commit_comment: rule('comment.id', 'comment.updated_at'),
  create: none(NO_TIME),
  custom_property: none(NO_TIME),
  custom_property_values: none(NO_TIME),
  delete: none(NO_TIME),
  dependabot_alert: rule('alert.number', 'alert.updated_at'),
  deploy_key: none(SAME_TIMES),
  deployment: rule('deployment.id', 'deployment.updated_at'),
  deployment_protection_rule: none(NO_CHANGE),
  deployment_review: none('The answer to a request has no time of its own.'),
  deployment_status: rule('deployment.id', 'deployment_status.updated_at'),
  discussion: rule('discussion.id', 'discussion.updated_at'),
  discussion_comment: rule('comment.id', 'comment.updated_at'),
  dismissal_request_code_scanning: none(NO_TIME),
  dismissal_request_secret_scanning: none(NO_TIME),
  enterprise: none(NO_TIME),
  exemption_request_push_ruleset: none(NO_TIME),
  exemption_request_secret_scanning: none(NO_TIME),
  fork: none(NO_CHANGE),
  github_app_authorization: none(NO_TIME),
  gollum: none(NO_TIME),
  installation: rule('installation.id', 'installation.updated_at'),
  installation_repositories: rule('installation.id', 'installation.updated_at'),
  installation_target: none(NO_TIME),
  issue_comment: rule('comment.id', 'comment.updated_at'),
  issue_dependencies: none('It is about two issues, each with a time of its own.'),
  issues: rule('issue.id', 'issue.updated_at'),
  label: none(NO_TIME),
  marketplace_purchase: none('Its date is when the purchase takes effect, which can be later.'),
  member: none(NO_TIME),
  membership: none(NO_TIME),
  merge_group: none(NO_TIME),
  meta: rule('hook_id', 'hook.updated_at'),
  milestone: rule('milestone.id', 'milestone.updated_at'),
  org_block: none(NO_TIME),
  organization: none(NO_TIME),
  organization_custom_property: none(NO_TIME),
  organization_custom_property_values: none(NO_TIME),
  package: rule('package.id', 'package.updated_at'),
  page_build: rule('build.url', 'build.updated_at'),
  personal_access_token_request: none(SAME_TIMES),
  ping: none(NO_CHANGE),
  project: rule('project.id', 'project.updated_at'),
  project_card: rule('project_card.id', 'project_card.updated_at'),
  project_column: rule('project_column.id', 'project_column.updated_at'),
  projects_v2: rule('projects_v2.id', 'projects_v2.updated_at'),
  projects_v2_item: rule('projects_v2_item.id', 'projects_v2_item.updated_at'),
  projects_v2_status_update: rule('projects_v2_status_update.id', 'projects_v2_status_update.updated_at'),
  public: rule('repository.id', 'repository.updated_at'),
  pull_request: rule('pull_request.id', 'pull_request.updated_at'),
  pull_request_review: rule('review.id', 'pull_request.updated_at'),
  pull_request_review_comment: rule('comment.id', 'comment.updated_at'),
  pull_request_review_thread: rule('thread.node_id', 'updated_at pull_request.updated_at'),
  push: rule('ref', 'repository.pushed_at'),
  registry_package: rule('registry_package.id', 'registry_package.updated_at'),
  release: none('Not every product says when a release was changed.'),
  repository: rule('repository.id', 'repository.updated_at'),
  repository_advisory: rule('repository_advisory.ghsa_id', 'repository_advisory.updated_at'),
  repository_dispatch: none(NO_CHANGE),
  repository_import: none(NO_TIME),
  repository_ruleset: rule('repository_ruleset.id', 'repository_ruleset.updated_at'),
  repository_vulnerability_alert: none(SAME_TIMES),
  secret_scanning_alert: none('Not every product says when an alert was changed.'),
  secret_scanning_alert_location: none(NO_CHANGE),
  secret_scanning_scan: none(NO_CHANGE),
  security_advisory: rule('security_advisory.ghsa_id', 'security_advisory.updated_at'),
  security_and_analysis: none(NO_TIME),
  sponsorship: none(SAME_TIMES),
  star: none('What was starred is said, and not when the star was taken back.'),
  status: rule('sha context', 'updated_at'),
  sub_issues: none('It is about two issues, each with a time of its own.'),
  team: none(NO_TIME),
  team_add: none(NO_TIME),
  user: none(NO_TIME),
  watch: none(NO_TIME),
  workflow_dispatch: none(NO_CHANGE),
  workflow_job: rule('workflow_job.id', 'workflow_job.completed_at workflow_job.started_at workflow_job.created_at'),
  workflow_run: rule('workflow_run.id', 'workflow_run.updated_at'),
};
