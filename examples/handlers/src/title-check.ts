import { handlers } from '@hookline/handlers';

// A check run for each commit at the head of a pull request. It is the run of the name `title` of that commit: when the
// title is edited, it is changed.
export default handlers(({ on }) => {
  on(
    ['pull_request.opened', 'pull_request.edited', 'pull_request.synchronize'],
    'title-check',
    ({ payload: { pull_request: pull }, effects }) => {
      const isGood = /^(feat|fix|docs): /.test(pull.title);
      effects.githubCheckRun({
        headSha: pull.head.sha,
        name: 'title',
        status: 'completed',
        conclusion: isGood ? 'success' : 'failure',
        output: { title: isGood ? 'Well titled' : 'Begin it with feat, fix or docs', summary: pull.title },
      });
    },
  );
});
