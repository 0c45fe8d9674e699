import { markerOf } from '../ledger.ts';
import { issueOf } from '../represent/issue.ts';
import { invalid, notFound } from '../reply.ts';
import { fullName, type Issue } from '../state.ts';
import type { Acting, Handle } from './acting.ts';

/** Issues: create, get and change. One that nobody has made is there all the same: deliveries come from elsewhere. */
export const issues: Record<string, Handle> = {
  'POST /repos/{owner}/{repo}/issues'(acting) {
    const { body, state, principal, addresses } = acting;
    if (principal.kind === 'app') return notFound();
    if (String(body['title']).trim() === '') return invalid('Issue', 'title', "Title can't be blank");
    const issue = find(acting, state.nextId());
    change(issue, acting, 'create');
    const shown = issueOf(issue, addresses);
    return { status: 201, headers: { location: shown.url }, body: shown };
  },

  'GET /repos/{owner}/{repo}/issues/{issue_number}'(acting) {
    const issue = find(acting, Number(acting.parameters['issue_number']));
    return { status: 200, body: issueOf(issue, acting.addresses) };
  },

  'PATCH /repos/{owner}/{repo}/issues/{issue_number}'(acting) {
    if (acting.principal.kind === 'app') return notFound();
    const issue = find(acting, Number(acting.parameters['issue_number']));
    change(issue, acting, 'update');
    return { status: 200, body: issueOf(issue, acting.addresses) };
  },
};

function find({ state, parameters, principal, now }: Acting, number: number): Issue {
  const repository = state.repository(parameters['owner'] ?? '', parameters['repo'] ?? '');
  const key = `${repository.id}#${number}`;
  const issue = state.issues.get(key) ?? {
    ...{ id: state.nextId(), repository, number, author: principal, title: 'An issue', body: null, state: 'open' },
    ...{ labels: [], createdAt: now, updatedAt: now },
  };
  state.issues.set(key, issue);
  return issue;
}

/** Takes over what the request says; of the rest, what was stays. */
function change(issue: Issue, { body, now, record }: Acting, did: 'create' | 'update'): void {
  const { title = issue.title, body: text = issue.body, state = issue.state, labels = issue.labels } = body;
  const names = (labels as (string | { name: string })[]).map((label) =>
    typeof label === 'string' ? label : label.name,
  );
  Object.assign(issue, { title: String(title), body: text, state, labels: names, updatedAt: now });
  record({
    ...{
      did,
      what: 'issue',
      repository: fullName(issue.repository),
      subject: did === 'create' ? '' : String(issue.number),
    },
    ...{ id: issue.id, ...markerOf(issue.body ?? '') },
  });
}
