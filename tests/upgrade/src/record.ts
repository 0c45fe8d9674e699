import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { checkOut } from './check-out.ts';
import { factsOf } from './facts.ts';
import { RELEASE_FILE, ROOT, type Release } from './release.ts';

const USAGE = 'Usage: npm run upgrade:record -- <version x.y.z> <tag or commit>';

const [version = '', revision = ''] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+$/.test(version) || revision === '') {
  console.error(USAGE);
  process.exit(2);
}
const { stdout } = await promisify(execFile)('git', ['rev-parse', '--verify', `${revision}^{commit}`], { cwd: ROOT });
const commit = stdout.trim();
const release: Release = { version, commit, ...(await factsOf(await checkOut(commit))) };
await writeFile(RELEASE_FILE, `${JSON.stringify(release, null, 2)}\n`);
console.log(`The last release is ${version}, commit ${commit}.`);
