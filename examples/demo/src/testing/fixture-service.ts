// A service that does as its first argument says: answer /readyz, not be ready, die, refuse its configuration, not stop.
import { createServer } from 'node:http';

const [behaviour, port] = process.argv.slice(2);
if (behaviour === 'dies') process.exit(1);
if (behaviour === 'refuses') process.exit(2);
if (behaviour === 'stubborn') process.on('SIGTERM', () => process.stdout.write('not now\n'));
process.stdout.write(`started as ${behaviour}\n`);

const ready = behaviour !== 'unready';
const probes = [
  { name: 'lifecycle', ok: true },
  { name: 'database', ok: ready, reason: 'it is asleep' },
];
createServer((_request, response) => {
  response.writeHead(ready ? 200 : 503).end(JSON.stringify({ ok: ready, probes }));
}).listen(Number(port ?? 0), '127.0.0.1');
