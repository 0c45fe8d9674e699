import { handlers } from '@hookline/handlers';

// The same by knex: which labels each issue has. Its queries are in the delivery's transaction; it has no other.
// The table is in `labels.sql`.
export default handlers(({ on }) => {
  on('issues.labeled', 'label', async ({ payload: { issue, label }, knex }) => {
    if (!label) return;
    await knex('issue_labels').insert({ issue_id: issue.id, label: label.name }).onConflict().ignore();
  });

  on('issues.unlabeled', 'unlabel', async ({ payload: { issue, label }, knex }) => {
    await knex('issue_labels')
      .where({ issue_id: issue.id, label: label?.name ?? '' })
      .delete();
  });
});
