// A receiver as one writes it with Express, which knows by the idempotency key what it has done already.
import { appendFileSync } from 'node:fs';
import { verify } from '@octokit/webhooks-methods';
import express from 'express';

const { RECEIVED_FILE, WEBHOOK_SECRET, PORT } = process.env as Record<string, string>;
const done = new Set<string>();

interface Payload {
  repository: { id: number };
  issue: { number: number };
}

express()
  .use(express.text({ type: () => true, limit: '25mb' }))
  .post('/hooks', (request, response, next) => {
    const body = request.body as string;
    verify(WEBHOOK_SECRET as string, body, request.get('x-hub-signature-256') ?? '').then((genuine) => {
      if (!genuine) return response.sendStatus(401);
      const key = request.get('idempotency-key') ?? '';
      if (!done.has(key)) {
        const { repository, issue } = JSON.parse(body) as Payload;
        const guid = request.get('x-github-delivery');
        appendFileSync(
          RECEIVED_FILE as string,
          `${JSON.stringify({ guid, repository: repository.id, n: issue.number })}\n`,
        );
        done.add(key);
      }
      return response.sendStatus(204);
    }, next);
  })
  .listen(Number(PORT), '127.0.0.1');
