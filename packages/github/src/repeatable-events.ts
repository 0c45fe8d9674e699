/** What is known of whether two deliveries of an event can have the same payload, byte for byte. */
export interface Repetition {
  /** Where the payload names what has happened, and when: by these two, each occurrence has a payload of its own. */
  identified?: {
    /** Path of the id of the thing that the event is about. */
    id: string;
    /** Path of a time that GitHub has set by the time of this occurrence. */
    time: string;
    /** The actions for which that holds; empty: the event has none. */
    actions: readonly string[];
  };
  /** Why payloads repeat: of the event, or of its other actions. Absent where none is known that does. */
  repeats?: string;
}

/** Whether the payload of such a delivery can repeat, byte for byte, although it is another occurrence. */
export function canRepeat(event: string, action: string | null): boolean {
  const identified = Object.hasOwn(REPETITIONS, event) ? REPETITIONS[event]?.identified : undefined;
  if (identified === undefined) return true;
  return action === null ? identified.actions.length > 0 : !identified.actions.includes(action);
}

/**
 * Which events identify their occurrence, and why the others can repeat. A payload that is known under another GUID is
 * a suspected replay where it identifies its occurrence, and is held; where it can repeat it is processed.
 *
 * What is not here can repeat, and so can an action that GitHub adds: the delivery that would be held is genuine, and
 * nobody has shown the contrary. So can jobs: a handler may ask for the same one twice. Times have a resolution of a second.
 */
export const REPETITIONS: Readonly<Record<string, Repetition>> = {
  branch_protection_rule: identified('rule.id', 'rule.created_at', 'created deleted', {
    repeats: 'An edit does not change the times of the rule: there, back and there again are alike.',
  }),
  check_run: identified('check_run.id', 'check_run.started_at', 'created completed', {
    repeats: 'A run can be requested again, and an action of it chosen again, without a change of the run.',
  }),
  check_suite: identified('check_suite.id', 'check_suite.updated_at', 'requested completed', {
    repeats: 'A request to run a suite again does not change its times.',
  }),
  code_scanning_alert: identified('alert.number', 'alert.created_at', 'created', {
    repeats: 'An alert can be closed, fixed and reopened again; it says when it was created, and not always more.',
  }),
  commit_comment: identified('comment.id', 'comment.updated_at', 'created'),
  create: repeats('It has no id and no time: a branch can be deleted and created again.'),
  delete: repeats('It has no id and no time: a branch can be created and deleted again.'),
  dependabot_alert: identified(
    'alert.number',
    'alert.updated_at',
    'auto_dismissed auto_reopened created dismissed fixed reintroduced reopened',
  ),
  deploy_key: identified('key.id', 'key.created_at', 'created deleted'),
  deployment: identified('deployment.id', 'deployment.created_at', 'created'),
  deployment_review: identified('workflow_run.id', 'since', 'requested', {
    repeats: 'The answer to a request is not given a time of its own.',
  }),
  deployment_status: identified('deployment_status.id', 'deployment_status.created_at', 'created'),
  discussion: identified(
    'discussion.id',
    'discussion.updated_at',
    'created edited deleted answered unanswered category_changed transferred closed reopened',
    { repeats: 'A label, a lock or a pin does not change the times of the discussion, and can be set again.' },
  ),
  discussion_comment: identified('comment.id', 'comment.updated_at', 'created edited deleted'),
  fork: identified('forkee.id', 'forkee.created_at', ''),
  github_app_authorization: repeats('It names the user only, who can authorize the App and revoke it again.'),
  gollum: repeats('It has no time; a page is named by its last commit.'),
  installation: identified('installation.id', 'installation.updated_at', 'created deleted suspend', {
    repeats: 'An installation that goes on, or gets permissions, keeps its times, and can be suspended again.',
  }),
  installation_repositories: repeats(
    'A repository can be added, removed and added again, without a change of the times of the installation.',
  ),
  issue_comment: identified('comment.id', 'comment.updated_at', 'created edited deleted'),
  issues: identified(
    'issue.id',
    'issue.updated_at',
    'opened edited closed reopened deleted transferred assigned unassigned labeled unlabeled milestoned demilestoned ' +
      'locked unlocked',
    { repeats: 'A pin does not change the times of the issue, and can be set again; of a type nobody has shown it.' },
  ),
  label: repeats('A label has no times: the same change there, back and there again.'),
  marketplace_purchase: repeats('It has no id, and its date is that of the billing: a plan can be bought again.'),
  member: repeats('Somebody can be added, removed and added again; nothing tells when.'),
  membership: repeats('Somebody can be added to a team, removed and added again; nothing tells when.'),
  merge_group: identified('merge_group.head_sha', 'merge_group.head_commit.timestamp', 'checks_requested destroyed'),
  meta: identified('hook.id', 'hook.updated_at', 'deleted'),
  milestone: identified('milestone.id', 'milestone.updated_at', 'created edited opened closed deleted'),
  organization: identified('invitation.id', 'invitation.created_at', 'member_invited', {
    repeats: 'A member can be added, removed and added again, and the organization renamed back; nothing tells when.',
  }),
  org_block: repeats('Somebody can be blocked, unblocked and blocked again; nothing tells when.'),
  package: identified('package.package_version.id', 'package.updated_at', 'published', {
    repeats: 'A version can be updated again, of which its times need not tell.',
  }),
  page_build: identified('id', 'build.created_at', ''),
  ping: repeats('A hook can be pinged at any time; only a sentence out of a short list differs.'),
  project: identified('project.id', 'project.updated_at', 'created edited closed reopened deleted'),
  project_card: identified('project_card.id', 'project_card.updated_at', 'created edited converted deleted', {
    repeats: 'A card can be moved there, back and there again; nobody has shown that its times change.',
  }),
  project_column: identified('project_column.id', 'project_column.updated_at', 'created deleted', {
    repeats: 'A column can be renamed and moved back; nobody has shown that its times change.',
  }),
  projects_v2_item: identified(
    'projects_v2_item.id',
    'projects_v2_item.updated_at',
    'created converted archived restored deleted',
    { repeats: 'A field of an item, or its place, can be changed there and back without a change of its times.' },
  ),
  public: repeats('A repository can be made private and public again; it is given no time of its own.'),
  pull_request: identified(
    'pull_request.id',
    'pull_request.updated_at',
    'opened edited closed reopened synchronize assigned unassigned labeled unlabeled milestoned demilestoned locked ' +
      'unlocked',
    {
      repeats:
        'A review can be asked for again, a draft, a merge by itself or a place in the queue be taken back and ' +
        'given again; nobody has shown that the times of the pull request change.',
    },
  ),
  pull_request_review: identified('review.id', 'review.submitted_at', 'submitted dismissed', {
    repeats: 'An edit does not change the time of the review: there, back and there again are alike.',
  }),
  pull_request_review_comment: identified('comment.id', 'comment.updated_at', 'created edited deleted'),
  pull_request_review_thread: repeats('A thread has no times, and can be resolved, unresolved and resolved again.'),
  push: identified('after', 'repository.pushed_at', ''),
  release: identified('release.id', 'release.published_at', 'created published deleted', {
    repeats: 'A release can be edited, or called a prerelease, there and back, without a change of its times.',
  }),
  repository: identified('repository.id', 'repository.created_at', 'created deleted', {
    repeats: 'It can be archived, renamed, made private or transferred, and back; nothing tells when.',
  }),
  repository_dispatch: repeats('Its payload is what the caller has written: the same call again.'),
  repository_import: repeats('It has no id and no time: an import can fail again.'),
  repository_vulnerability_alert: identified('alert.id', 'alert.created_at', 'create', {
    repeats:
      'An alert can be dismissed, resolved and reopened again; it says when it was created, and not always more.',
  }),
  security_advisory: identified(
    'security_advisory.ghsa_id',
    'security_advisory.updated_at',
    'published updated withdrawn',
  ),
  sponsorship: identified('sponsorship.node_id', 'sponsorship.created_at', 'created cancelled', {
    repeats: 'A tier, or what is visible, can be changed there and back; its date is that of the billing.',
  }),
  star: identified('sender.id', 'starred_at', 'created', {
    repeats: 'A star that is taken away has no time, and can be taken away again.',
  }),
  status: identified('id', 'updated_at', ''),
  team: repeats('A team has no times: a repository can be added, removed and added again.'),
  team_add: repeats('A repository can be added to a team, removed and added again; nothing tells when.'),
  watch: repeats('Somebody can star a repository again; nothing tells when.'),
  workflow_dispatch: repeats('Its payload is what the caller has written: the same call again.'),
  workflow_job: identified('workflow_job.id', 'workflow_job.started_at', 'queued waiting in_progress completed'),
  workflow_run: identified('workflow_run.id', 'workflow_run.updated_at', 'requested in_progress completed'),
};

function repeats(reason: string): Repetition {
  return { repeats: reason };
}

function identified(id: string, time: string, actions: string, others: { repeats?: string } = {}): Repetition {
  return { identified: { id, time, actions: actions === '' ? [] : actions.split(' ') }, ...others };
}
