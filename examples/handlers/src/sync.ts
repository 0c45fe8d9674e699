import { handlers } from '@hookline/handlers';

interface Sync {
  repository: string;
  commit: string;
}

// A push asks for a job, and the job does what takes longer: it has a consumer, retries and time of its own. It runs once
// for each push, and one after another for a repository, so that an older commit never comes after a newer one.
export default handlers(({ on, onJob }) => {
  on('push', 'ask-for-sync', ({ payload: { ref, after, repository }, effects }) => {
    if (ref !== `refs/heads/${repository.default_branch}`) return;
    effects.job('sync-repository', { repository: repository.full_name, commit: after } satisfies Sync);
  });

  onJob<Sync>('sync-repository', 'sync', { timeoutMs: 60_000, maxAttempts: 10 }, ({ payload, cause, effects }) => {
    const { repository, commit } = payload;
    effects.post({
      url: 'https://mirror.example/sync',
      body: { repository, commit, because: cause.guid },
      queue: 'mirror',
    });
  });
});
