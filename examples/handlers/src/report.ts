import { handlers } from '@hookline/handlers';

// One comment on each pull request, which is changed with it: what is still missing. It is the comment of the name
// `report`, whatever handler and delivery write it.
export default handlers(({ on }) => {
  on(['pull_request.opened', 'pull_request.edited'], 'report', ({ payload: { pull_request: pull }, effects }) => {
    const missing = [
      ...(pull.body ? [] : ['a description']),
      ...(/^(feat|fix|docs): /.test(pull.title) ? [] : ['a title that begins with feat, fix or docs']),
    ];
    const body = missing.length === 0 ? 'Nothing is missing.' : `There is missing: ${missing.join(', ')}.`;
    effects.githubStickyComment({ issue: pull, key: 'report', body });
  });
});
