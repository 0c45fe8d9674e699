import { handlers } from '@hookline/handlers';

export default handlers(({ on }) => {
  on('issues.opened', 'welcome', ({ payload: { issue, repository }, effects, log }) => {
    if (issue.author_association !== 'FIRST_TIME_CONTRIBUTOR' && issue.author_association !== 'NONE') return;
    const body = `Thank you, @${issue.user?.login}! Somebody of ${repository.full_name} will read this.`;
    effects.githubComment({ issue, body });
    log.info({ issue: issue.number }, 'a newcomer is welcomed');
  });
});
