import { access, constants, mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory } from '../cache.ts';

/**
 * Where Maven is to keep what it downloads: an argument for an account that cannot write to its own `~/.m2`, as one
 * without a home; none where Maven's own choice will do, or has been made by the environment.
 */
export async function repositoryArguments(
  home = accountHome(),
  env: NodeJS.ProcessEnv = process.env,
): Promise<string[]> {
  if (`${env['MAVEN_OPTS']} ${env['MAVEN_ARGS']}`.includes('maven.repo.local')) return [];
  if (home !== undefined && (await isWritable(join(home, '.m2', 'repository')))) return [];
  return [`-Dmaven.repo.local=${join(cacheDirectory(env), 'maven')}`];
}

/** Of the account, as Java sees it: not `HOME`. */
function accountHome(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    return undefined; // A number without an account.
  }
}

/** Makes it, as Maven would. */
async function isWritable(directory: string): Promise<boolean> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
