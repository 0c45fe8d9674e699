import type { DeliveryHandler } from '@hookline/handlers';

/** Takes each deployment into `demo.deployments`, and fails for a repository for as long as the demo breaks it. */
export const deployments: DeliveryHandler = {
  kind: 'delivery',
  name: 'demo-deployments',
  on: ['deployment.created'],
  async run({ orderingKey, guid }, { db }) {
    const { rows } = await db.query('select from demo.broken where ordering_key = $1', [orderingKey]);
    if (rows.length > 0) throw new Error('The demo has broken this handler for this repository.');
    await db.query('insert into demo.deployments (ordering_key, guid) values ($1, $2)', [orderingKey, guid]);
  },
};
