import { handlers, RetryLater } from '@hookline/handlers';

interface Scan {
  owner: string;
  repo: string;
  installationId: number | undefined;
  pull: number;
  commit: string;
}

// What takes long, and whose answer is needed: a job asks, and what it does with the answer is an effect. The job may ask
// more than once, so it asks for something that can be asked for twice.
export default handlers(({ on, onJob }) => {
  on(
    'pull_request.opened',
    'ask-for-scan',
    ({ payload: { pull_request: pull, repository, installation }, effects }) => {
      effects.job('scan', {
        owner: repository.owner.login,
        repo: repository.name,
        installationId: installation?.id,
        pull: pull.number,
        commit: pull.head.sha,
      } satisfies Scan);
    },
  );

  onJob<Scan>(
    'scan',
    'scan',
    { timeoutMs: 60_000 },
    async ({ payload: { pull, commit, ...place }, effects, signal }) => {
      const url = new URL(`/scans/${commit}`, process.env['SCANNER_URL']);
      const answer = await fetch(url, { method: 'PUT', signal });
      // Away, or busy: nobody's failure. The repository's next jobs wait behind this one.
      if (answer.status === 503) throw new RetryLater('The scanner is busy.', { afterMs: 30_000 });
      if (!answer.ok) throw new Error(`The scanner answered ${answer.status}.`);
      const { findings } = (await answer.json()) as { findings: number };
      const { installationId, ...where } = place;
      effects.githubStickyComment({
        ...where,
        ...(installationId !== undefined && { installationId }),
        issueNumber: pull,
        key: 'scan',
        body: findings === 0 ? 'The scan has found nothing.' : `The scan has found ${findings} things.`,
      });
    },
  );
});
