import { handlers } from '@hookline/handlers';

/** What a user would write: a comment for a newcomer, and a job for what takes longer. */
export const bot = handlers(({ on, onJob }) => {
  on('issues.opened', 'demo-welcome', ({ payload, effects }) => {
    // Some of GitHub's examples are of hooks that belong to no App: nobody could comment there.
    if (!payload.installation) return;
    effects.githubComment({ issue: payload.issue, body: `Thanks, @${payload.issue.user?.login ?? 'ghost'}!` });
  });
  on('push', 'demo-sync', ({ payload, effects }) => {
    effects.job('sync-repository', { repository: payload.repository.id, commit: payload.after });
  });
  onJob<{ commit: string }>('sync-repository', 'demo-synced', async ({ payload, delivery, cause, db }) => {
    await db.query('insert into demo.synced (ordering_key, guid, commit) values ($1, $2, $3)', [
      delivery.orderingKey,
      cause.guid,
      payload.commit,
    ]);
  });
});
