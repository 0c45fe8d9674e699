// Makes what is missing of the system's passwords, each in a file that only its readers have mounted. A file that is there
// stays as it is: replace the webhook's secret by your own, or delete a file to have it made anew.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const LOGINS = ['ingest', 'processor', 'relay', 'operator'];

secret('administrator/postgres-password');
secret('grafana/admin-password');
databaseUrl('owner', 'hookline_owner');
for (const login of LOGINS) databaseUrl(login, `hookline_${login}_login`);
const webhooks = secret('ingest/webhook-secret');
write('operator/webhook-secret', webhooks);

function databaseUrl(reader, login) {
  const password = secret(`administrator/${reader}-password`);
  write(`${reader}/database-url`, `postgresql://${login}:${password}@postgres:5432/hookline`);
}

function secret(path) {
  const file = `/secrets/${path}`;
  if (!existsSync(file)) write(path, randomBytes(32).toString('hex'));
  return readFileSync(file, 'utf8').trim();
}

/** Whole or not at all; readable for all who have the volume mounted, since the programs run under several users. */
function write(path, text) {
  writeFileSync(`/secrets/${path}.new`, text, { mode: 0o444 });
  renameSync(`/secrets/${path}.new`, `/secrets/${path}`);
}
