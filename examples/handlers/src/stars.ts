import { handlers } from '@hookline/handlers';

// A projection: how many stars each repository has been given while we looked. The rows are written in the transaction
// that takes note of the delivery: no star is counted twice, and none is missed. The table is in `stars.sql`.
export default handlers(({ on }) => {
  on(['star.created', 'star.deleted'], 'stars', async ({ payload: { action, repository }, db }) => {
    await db.query(
      `insert into stars (repository_id, name, stars) values ($1, $2, $3)
           on conflict (repository_id) do update set name = excluded.name, stars = stars.stars + excluded.stars`,
      [repository.id, repository.full_name, action === 'created' ? 1 : -1],
    );
  });
});
