import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { hashMigrations, type Release } from './release.ts';

/** Asked of a checkout's own code; `contracts` has no dependencies, so that nothing of it needs to be installed. */
const ASK = `
  const { controlSchema, deliverySchemaOf, KEY_RULES } = await import(process.argv[1]);
  const deliveries = KEY_RULES.map((rule) => ['delivery by ' + rule, deliverySchemaOf(rule)]);
  console.log(JSON.stringify(Object.fromEntries([...deliveries, ['control', controlSchema]])));
`;

/** What is to be remembered of a checkout. */
export async function factsOf(checkout: string): Promise<Pick<Release, 'migrations' | 'schemas'>> {
  const contracts = pathToFileURL(join(checkout, 'packages/contracts/src/index.ts')).href;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', ASK, contracts];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return { migrations: await hashMigrations(checkout), schemas: JSON.parse(stdout) as Release['schemas'] };
}
