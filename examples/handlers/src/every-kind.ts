import { handlers } from '@hookline/handlers';

// Each kind of effect once.
export default handlers(({ on }) => {
  on('pull_request.closed', 'every-kind', ({ payload: { pull_request: pull }, effects }) => {
    effects.githubComment({ issue: pull, body: 'Thanks!' });
    effects.githubStickyComment({ issue: pull, key: 'state', body: 'Closed.' });
    effects.githubCheckRun({ headSha: pull.head.sha, name: 'merged', status: 'completed', conclusion: 'neutral' });
    effects.githubRequest('PUT /repos/{owner}/{repo}/issues/{issue_number}/labels', {
      issue_number: pull.number,
      labels: ['closed'],
    });
    effects.post({
      url: 'https://board.example/cards',
      body: { closed: pull.number },
      signWith: 'board',
      queue: 'board',
    });
    effects.job('tidy-up', { branch: pull.head.ref }, { key: 'tidy-up' });
    effects.forward({ route: 'ci' });
    effects.add('chat.say', { room: 'all', text: `#${pull.number} is closed.` });
  });
});
