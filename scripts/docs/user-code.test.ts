import { generateKeyPairSync } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseCredentials } from '../../packages/github/src/effects/credentials/parse-credentials.ts';
import { parseRoutes } from '../../packages/runtime/src/routes/parse-routes.ts';
import { readConfig } from '../../packages/runtime/src/index.ts';
import { processorOptions } from '../../services/processor/src/config.ts';
import { createUsersHandlers } from '../../services/processor/src/users-handlers.ts';
import { createUsersKinds } from '../../services/relay/src/kinds/users-kinds.ts';
import { readSigningKeys } from '../../services/relay/src/kinds/http/signing-secrets.ts';
import { root } from '../tools.ts';

const pages = ['README.md', ...globSync('docs/handlers/*.md', { cwd: root }), 'docs/operating/github.md'];
const read = (path: string) => readFileSync(join(root, path), 'utf8');

// What is shown to users is copied: it must be what the compiler, the tests and the programs take.
describe('what users are shown', () => {
  it('is code of the examples, and no other', () => {
    const written = pages.flatMap((path) => {
      const page = read(path).replaceAll(/^<!-- generated: .+ -->$.*?^<!-- end -->$/gms, '');
      return [...page.matchAll(/^```(ts|tsx|js|typescript|javascript)$/gm)].map(() => path);
    });
    expect(written).toEqual([]);
  });

  it('is what a processor and a relay start with, as they are configured by default', async () => {
    const read = readConfig(processorOptions, {
      HOOKLINE_KAFKA_BROKERS: 'kafka:9092',
      HOOKLINE_REGISTRY_URL: 'http://registry',
      HOOKLINE_DATABASE_URL: 'postgresql://postgres/hookline',
      HOOKLINE_HANDLERS_MODULE: join(root, 'examples/handlers/src/index.ts'),
    });
    if (!read.success) throw new Error(read.errors.join(' '));
    const handlers = createUsersHandlers();
    expect(await handlers.load(read.config)).toEqual([]);
    expect(handlers.all().map(({ name }) => name)).toEqual(expect.arrayContaining(['welcome', 'scan', 'stars']));
    const kinds = createUsersKinds();
    expect(await kinds.load({ effectKindsModule: join(root, 'examples/handlers/src/chat-kind.ts') })).toEqual([]);
    expect(kinds.all().map(({ name }) => name)).toEqual(['chat.say']);
  });

  it('is a file that the services take, wherever it is JSON', () => {
    const blocks = pages.flatMap((path) =>
      [...read(path).matchAll(/^```json\n(.+?)^```$/gms)].map(([, block]) => ({ path, block: block as string })),
    );
    expect(blocks.length).toBeGreaterThanOrEqual(4);
    expect(blocks.map(({ path, block }) => ({ path, problems: problemsOf(block) }))).toEqual(
      blocks.map(({ path }) => ({ path, problems: [] })),
    );
  });
});

function problemsOf(json: string): string[] {
  const result = json.includes('"namespace"')
    ? parseCredentials(json, (path) => (path.endsWith('.pem') ? PEM : 'token'))
    : json.includes('"forward"')
      ? parseRoutes(json)
      : readSigningKeys('signing.json', {
          readFile: (path) => (path === 'signing.json' ? json : SECRET),
          environment: {},
        });
  return result.success ? [] : result.problems;
}

const PEM = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
}) as string;
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
