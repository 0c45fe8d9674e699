import type { GithubTarget } from '@hookline/contracts';
import type { Credential } from './credential.ts';

export type Chosen = { success: true; credential: Credential } | { success: false; problem: string };

/** The credential for an effect: of those for its host the one for its source, else the one for all sources. */
export function chooseCredential(
  credentials: readonly Credential[],
  { namespace, source, installationId }: GithubTarget,
): Chosen {
  const ofHost = credentials.filter((credential) => credential.namespace === namespace);
  if (ofHost.length === 0) return { success: false, problem: `HOOKLINE_GITHUB_FILE has no entry for ${namespace}.` };
  const credential =
    ofHost.find(({ sources }) => sources?.includes(source)) ?? ofHost.find(({ sources }) => sources === null);
  if (credential === undefined) {
    const problem = `No entry of HOOKLINE_GITHUB_FILE for ${namespace} is for the source "${source}".`;
    return { success: false, problem };
  }
  if (credential.type === 'app' && installationId === null) {
    const problem = `The delivery names no installation of the App ${credential.appId}: it needs the webhook of the App, or a token.`;
    return { success: false, problem };
  }
  return { success: true, credential };
}
