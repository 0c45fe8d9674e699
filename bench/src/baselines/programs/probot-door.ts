// The door of Probot, with a handler that hands each delivery to Kafka. With a token, so that no delivery asks GitHub for one.
import { createNodeMiddleware, Probot } from 'probot';
import { serveDoor } from '../serve-door.ts';

await serveDoor(async (append) => {
  const probot = new Probot({ githubToken: 'a token', secret: process.env['BENCH_SECRET'] ?? '', logLevel: 'fatal' });
  const middleware = await createNodeMiddleware(
    (app) => {
      app.onAny(async ({ id, name, payload }) => {
        const { repository } = payload as unknown as { repository: { id: number } };
        await append({ guid: id, event: name, repository: repository.id, value: Buffer.from(JSON.stringify(payload)) });
      });
    },
    { probot, webhooksPath: '/webhooks/main' },
  );
  return (request, response) => void middleware(request, response);
});
