// Starts one fixture service, prints its process id, and stays: for the test that kills a supervisor.
import { fileURLToPath } from 'node:url';
import { startService } from '../supervisor/service-process.ts';

const [logFile = ''] = process.argv.slice(2);
const service = startService({
  name: 'orphan',
  args: [fileURLToPath(new URL('fixture-service.ts', import.meta.url)), 'ready'],
  env: process.env,
  logFile,
  onRestart: () => {},
});
process.stdout.write(`${service.pid()}\n`);
setInterval(() => {}, 60_000);
