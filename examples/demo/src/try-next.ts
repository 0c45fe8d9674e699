import type { LocalFile } from './local-file.ts';

const BODY =
  '{"action":"opened","issue":{"number":1,"user":{"login":"octocat"}},"installation":{"id":1},' +
  '"repository":{"id":1296269,"name":"Hello-World","full_name":"octocat/Hello-World","owner":{"login":"octocat"}}}';

/**
 * What a person can do with the running system. The signature is made by Node, which is there for certain, so that
 * the body can be changed; a second paste is a redelivery, since the GUID stays.
 */
export function tryNext(local: LocalFile, localFile: string, guid: string): string {
  const sign = `require('crypto').createHmac('sha256','${local.webhookSecret}').update(process.argv[1]).digest('hex')`;
  return `Hookline is up. What to try next, in another terminal:

A signed delivery. Paste it twice: the second one is a duplicate, and changes nothing.
  BODY='${BODY}'
  curl -i '${local.ingestUrl}' -H 'Content-Type: application/json' -H 'X-GitHub-Event: issues' \\
    -H 'X-GitHub-Delivery: ${guid}' \\
    -H "X-Hub-Signature-256: sha256=$(node -p "${sign}" "$BODY")" \\
    --data-binary "$BODY"

The same with the command line, which finds this system by itself, and the story of a delivery:
  npm run hookline -- send issues.opened
  npm run hookline -- trace ${guid}
  npm run hookline -- effects list
  npm run hookline -- --help

The comment that its handler has asked for, at what stands in for GitHub here: one, however often you paste.
  curl ${local.githubUrl}/_stand-in/comments

What became of it, and what the built-in handler has counted (with any PostgreSQL client):
  psql '${local.databaseUrl}' -c "select audit_id, decision, kafka_partition, kafka_offset, ordering_key
    from hookline.audit_log where guid = '${guid}' order by audit_id"
  psql '${local.databaseUrl}' -c 'select * from hookline.repository_activity'

How the services are:
  curl ${local.ingestHealthUrl}/readyz
  curl ${local.processorHealthUrl}/readyz
  curl ${local.relayHealthUrl}/readyz
  curl ${local.processorHealthUrl}/metrics

The API: ${new URL('/api-docs', local.ingestUrl).href}
All addresses, for tools: ${localFile}

Ctrl-C stops everything; what was stored stays until npm start -- --fresh.`;
}
