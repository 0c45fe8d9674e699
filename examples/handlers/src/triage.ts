import { handlers } from '@hookline/handlers';

// Any request of GitHub's API. Labels are a set: adding one again is as good as once, and so it may be sent again.
export default handlers(({ on }) => {
  on('issues.opened', 'triage', ({ payload: { issue }, effects }) => {
    if (issue.body) return;
    const of = { issue_number: issue.number };
    effects.githubRequest(
      'POST /repos/{owner}/{repo}/issues/{issue_number}/labels',
      { ...of, labels: ['needs-info'] },
      { idempotent: true },
    );
    effects.githubComment({ issue, body: 'Please say what you did, what you expected, and what happened.' });
  });
});
