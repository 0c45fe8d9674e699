// The stand-in as a program: it makes an App, writes what a relay needs to act as it, and works until it is ended.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createStandInApp, startGithubStandIn } from './index.ts';

const { values } = parseArgs({
  options: {
    directory: { type: 'string', default: '.' },
    namespace: { type: 'string', default: 'github.com' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
    'base-path': { type: 'string', default: '' },
  },
});

const { app, privateKey } = createStandInApp();
const standIn = await startGithubStandIn({
  apps: [app],
  host: values.host,
  port: Number(values.port),
  basePath: values['base-path'],
});
const privateKeyFile = join(values.directory, 'github-app.pem');
writeFileSync(privateKeyFile, privateKey, { mode: 0o600 });
const credentials = [{ namespace: values.namespace, baseUrl: standIn.url, appId: app.id, privateKeyFile }];
writeFileSync(join(values.directory, 'github.json'), JSON.stringify(credentials, null, 2));
// One line of JSON, for whoever starts it: it is there when requests are answered.
process.stdout.write(`${JSON.stringify({ url: standIn.url, app: app.slug })}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void standIn.stop());
