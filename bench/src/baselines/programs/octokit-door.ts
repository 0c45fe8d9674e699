// The door of @octokit/webhooks, with a handler that hands each delivery to Kafka.
import { createNodeMiddleware, Webhooks } from '@octokit/webhooks';
import { serveDoor } from '../serve-door.ts';

await serveDoor((append) => {
  const webhooks = new Webhooks({ secret: process.env['BENCH_SECRET'] ?? '' });
  webhooks.onAny(async ({ id, name, payload }) => {
    const { repository } = payload as unknown as { repository: { id: number } };
    await append({ guid: id, event: name, repository: repository.id, value: Buffer.from(JSON.stringify(payload)) });
  });
  const middleware = createNodeMiddleware(webhooks, { path: '/webhooks/main' });
  return (request, response) => void middleware(request, response);
});
