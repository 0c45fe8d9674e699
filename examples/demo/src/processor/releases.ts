import type { DeliveryHandler } from '@hookline/handlers';

/** Notes each release; fails for a repository for as long as the demo breaks it, and has few attempts: then it is dead. */
export const releases: DeliveryHandler = {
  kind: 'delivery',
  name: 'demo-releases',
  on: ['release.published'],
  policy: { maxAttempts: 2 },
  async run({ orderingKey, guid }, { db }) {
    const { rows } = await db.query('select from demo.broken where ordering_key = $1', [orderingKey]);
    if (rows.length > 0) throw new Error('The demo has broken this handler for this repository.');
    await db.query('insert into demo.releases (ordering_key, guid) values ($1, $2)', [orderingKey, guid]);
  },
};
