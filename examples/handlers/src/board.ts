import { handlers } from '@hookline/handlers';

// A state that is kept: what is late by GitHub's clock must not overwrite what is newer. The table is in `board.sql`.
export default handlers(({ on }) => {
  on(
    ['issues.opened', 'issues.edited', 'issues.closed', 'issues.reopened'],
    'board',
    async ({ payload: { issue }, db, order }) => {
      if (await order.stale()) return;
      await db.query(
        `insert into board (issue_id, title, state) values ($1, $2, $3)
             on conflict (issue_id) do update set title = excluded.title, state = excluded.state`,
        [issue.id, issue.title, issue.state ?? 'open'],
      );
    },
  );
});
