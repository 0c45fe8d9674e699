// What the least is that a door can do: the whole body, its HMAC, JSON.parse, one record.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { serveDoor } from '../serve-door.ts';

const secret = process.env['BENCH_SECRET'] ?? '';

await serveDoor((append) => (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    const given = Buffer.from(String(request.headers['x-hub-signature-256']).slice('sha256='.length), 'hex');
    const signature = createHmac('sha256', secret).update(body).digest();
    if (given.length !== signature.length || !timingSafeEqual(given, signature)) {
      response.writeHead(401, { 'content-length': 0 }).end();
      return;
    }
    const { repository } = JSON.parse(body.toString()) as { repository: { id: number } };
    const { 'x-github-delivery': guid, 'x-github-event': event } = request.headers;
    void append({ guid: String(guid), event: String(event), repository: repository.id, value: body }).then(() => {
      response.writeHead(202, { 'content-length': 0 }).end();
    });
  });
});
