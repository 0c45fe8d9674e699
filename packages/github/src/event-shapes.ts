/** What tells the payload of an event from those of others, by the keys of its top level. */
export interface EventShape {
  /** Keys that every payload of the event has: each published description of it requires them. */
  needs: readonly string[];
  /** Events of whose payloads this one cannot have all the needed keys: a body that has them is theirs. */
  never: readonly string[];
}

// Payloads about one thing inside a repository or an account, none of which belongs to an event about the whole of it.
const ABOUT_A_PART = [
  ...['check_run', 'check_suite', 'code_scanning_alert', 'commit_comment', 'dependabot_alert', 'deploy_key'],
  ...['deployment', 'deployment_review', 'discussion', 'gollum', 'issues', 'label', 'merge_group', 'meta', 'milestone'],
  ...['package', 'page_build', 'project', 'project_card', 'project_column', 'pull_request', 'pull_request_review'],
  ...['pull_request_review_thread', 'push', 'registry_package', 'release', 'repository_dispatch', 'status'],
  ...['sub_issues', 'workflow_dispatch', 'workflow_job', 'workflow_run', 'branch_protection_rule'],
  ...['secret_scanning_alert', 'installation_repositories', 'marketplace_purchase', 'membership', 'org_block'],
  ...['projects_v2_item', 'sponsorship', 'projects_v2', 'projects_v2_status_update', 'security_advisory'],
  ...['issue_dependencies', 'repository_advisory'],
];

// Events without an action, which have little of their own.
const WITHOUT_ACTION = ['create', 'delete', 'fork', 'repository_import', 'team_add'];

/**
 * The events whose payloads can be told from others. An event that is not here can have any payload.
 *
 * A wrong entry makes genuine deliveries dead letters, and GitHub adds keys to its events at will. So a key is needed
 * only where all published descriptions of the event (github.com, Enterprise Cloud, each Enterprise Server) require it.
 * And `never` names another event only where GitHub would have to add all of that event's keys to this one, although it
 * is about something else. What has grown towards another event before, or may, is left out: `deployment` got the
 * `workflow_run` of its job, `workflow_job` its `deployment`; alerts may get a `ref` or a `location`. An event without an
 * action stays one: with an action and a repository (`watch`) it would be another event.
 */
export const EVENT_SHAPES: Readonly<Record<string, EventShape>> = {
  branch_protection_configuration: shape('action repository', ['member', 'star', 'team', ...ABOUT_A_PART]),
  branch_protection_rule: shape('action rule'),
  bypass_request_secret_scanning: shape('action exemption_request'),
  cache_sync: shape('cache_location ref before after'),
  check_run: shape('action check_run', ['deployment_status']),
  check_suite: shape('action check_suite'),
  code_scanning_alert: shape('action alert ref commit_oid'),
  commit_comment: shape('action comment', [
    ...['issue_comment', 'discussion_comment', 'pull_request_review_comment', 'deployment_review'],
  ]),
  create: shape('ref ref_type master_branch pusher_type'),
  custom_property: shape('action definition'),
  custom_property_values: shape('action new_property_values old_property_values'),
  delete: shape('ref ref_type pusher_type', ['create']),
  dependabot_alert: shape('action alert'),
  deploy_key: shape('action key'),
  deployment: shape('action deployment', ['deployment_status']),
  deployment_review: shape('action workflow_run since'),
  deployment_status: shape('action deployment_status deployment'),
  discussion: shape('action discussion', ['discussion_comment']),
  discussion_comment: shape('action comment discussion'),
  dismissal_request_code_scanning: shape('action exemption_request'),
  dismissal_request_secret_scanning: shape('action exemption_request'),
  exemption_request_push_ruleset: shape('action exemption_request'),
  fork: shape('forkee'),
  github_app_authorization: shape('action sender', ['watch', 'team', ...ABOUT_A_PART]),
  gollum: shape('pages'),
  installation: shape('action installation', ['installation_target', 'member', 'team', ...ABOUT_A_PART]),
  installation_repositories: shape('action installation repositories_added repositories_removed'),
  installation_target: shape('action account changes target_type'),
  issue_comment: shape('action issue comment'),
  issue_dependencies: shape('action blocked_issue blocking_issue'),
  issues: shape('action issue', ['issue_comment']),
  label: shape('action label', ['issues', 'pull_request', 'discussion']),
  marketplace_purchase: shape('action marketplace_purchase effective_date'),
  member: shape('action member', ['membership']),
  membership: shape('action scope member team'),
  merge_group: shape('action merge_group'),
  meta: shape('action hook hook_id'),
  milestone: shape('action milestone', ['issues', 'pull_request']),
  org_block: shape('action blocked_user'),
  organization: shape('action organization', ABOUT_A_PART),
  organization_custom_property: shape('action definition'),
  organization_custom_property_values: shape('action new_property_values old_property_values'),
  package: shape('action package'),
  page_build: shape('id build'),
  personal_access_token_request: shape('action personal_access_token_request'),
  ping: shape('', [
    ...['watch', 'organization', 'installation', 'github_app_authorization'],
    ...[...WITHOUT_ACTION, ...ABOUT_A_PART],
  ]),
  project: shape('action project'),
  project_card: shape('action project_card'),
  project_column: shape('action project_column'),
  projects_v2: shape('action projects_v2'),
  projects_v2_item: shape('action projects_v2_item'),
  projects_v2_status_update: shape('action projects_v2_status_update'),
  public: shape('repository', ['watch', ...WITHOUT_ACTION, ...ABOUT_A_PART]),
  pull_request: shape('action number pull_request'),
  pull_request_review: shape('action pull_request review'),
  pull_request_review_comment: shape('action pull_request comment'),
  pull_request_review_thread: shape('action pull_request thread'),
  push: shape('ref before after commits pusher'),
  registry_package: shape('action registry_package'),
  release: shape('action release'),
  repository: shape('action', ['member', 'star', ...ABOUT_A_PART]),
  repository_advisory: shape('action repository_advisory'),
  repository_dispatch: shape('action branch client_payload'),
  repository_import: shape('repository status', ['watch']),
  repository_ruleset: shape('action repository_ruleset'),
  repository_vulnerability_alert: shape('action alert'),
  secret_scanning_alert: shape('action alert'),
  secret_scanning_alert_location: shape('action alert location'),
  secret_scanning_scan: shape('action type source started_at completed_at'),
  security_advisory: shape('action security_advisory'),
  security_and_analysis: shape('repository changes', ['watch']),
  sponsorship: shape('action sponsorship'),
  star: shape('action starred_at repository'),
  status: shape('sha state context commit branches'),
  sub_issues: shape('action sub_issue parent_issue'),
  team: shape('action team organization', ['membership']),
  team_add: shape('team repository', ['watch']),
  watch: shape('action repository', ['member', 'team', ...ABOUT_A_PART]),
  workflow_dispatch: shape('inputs ref workflow'),
  workflow_job: shape('action workflow_job'),
  workflow_run: shape('action workflow workflow_run', ['deployment_status']),
};

function shape(needs: string, never: readonly string[] = []): EventShape {
  return { needs: needs.split(' ').filter((key) => key !== ''), never };
}
