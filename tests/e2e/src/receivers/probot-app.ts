// An app as users of Probot write one, run by Probot's own command: it knows nothing of Hookline.
import { appendFileSync } from 'node:fs';
import type { Probot } from 'probot';

export default (app: Probot): void => {
  app.on('issues', ({ id, payload: { repository, issue } }) => {
    const line = JSON.stringify({ guid: id, repository: repository.id, n: issue.number });
    appendFileSync(process.env['RECEIVED_FILE'] as string, `${line}\n`);
  });
};
