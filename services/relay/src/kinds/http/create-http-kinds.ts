import { caFileProblems, type OutboundConfig } from '@hookline/outbound';
import type { EffectKind, SecretOrigins } from '@hookline/runtime';
import { httpForward } from './http-forward.ts';
import type { HttpSender } from './http-kind.ts';
import type { HttpConfig } from './http-options.ts';
import { httpPost } from './http-post.ts';
import { createLiveList, type Reading } from './live-list.ts';
import { readRouteTargets, type RouteTargets } from './route-targets.ts';
import { readSigningKeys, secretOrigins, type SigningKeys } from './signing-secrets.ts';

type Config = Omit<HttpConfig, 'routesPollMs'> & Pick<OutboundConfig, 'outboundAllow'>;

/** Told by the name of the variable that names the file. */
export interface FileEvents {
  fileTaken(variable: string): void;
  fileRefused(variable: string, problems: string[]): void;
}

export interface HttpKinds {
  kinds: EffectKind[];
  /** Reads the files of routes and signing secrets again; with any problem in one, what it said before holds. */
  reload: () => void;
}

/** What is wrong with routes, secrets and authorities, so that a start stops at it with all problems named. */
export function httpProblems(
  config: Partial<Config & Pick<OutboundConfig, 'caFile'> & { attemptDeadlineMs: number }>,
  origins: SecretOrigins = secretOrigins,
): string[] {
  const { outboundAllow, signingSecretsFile } = config;
  const keys = readSigningKeys(signingSecretsFile, origins);
  // A value that is wrong by itself is absent, and has been named already.
  const routes = outboundAllow === undefined ? null : readRouteTargets({ ...config, outboundAllow }, origins);
  return [
    ...caFileProblems(config),
    ...(routes === null || routes.success ? [] : routes.problems),
    ...(keys.success ? [] : keys.problems),
  ];
}

/**
 * `http.post` and `http.forward`.
 *
 * @throws {RangeError} if there are {@link httpProblems}
 */
export function createHttpKinds(
  config: Config & { attemptDeadlineMs?: number },
  sender: HttpSender,
  events: FileEvents,
  origins: SecretOrigins = secretOrigins,
): HttpKinds {
  const toldAs = (variable: string) => ({
    taken: () => events.fileTaken(variable),
    refused: (problems: string[]) => events.fileRefused(variable, problems),
  });
  const keys = createLiveList((): Reading<SigningKeys> => {
    const read = readSigningKeys(config.signingSecretsFile, origins);
    return read.success ? { success: true, list: read.keys } : read;
  }, toldAs('HOOKLINE_SIGNING_SECRETS_FILE'));
  const routes = createLiveList((): Reading<RouteTargets> => {
    const read = readRouteTargets(config, origins);
    return read.success ? { success: true, list: read.targets } : read;
  }, toldAs('HOOKLINE_ROUTES_FILE'));
  return {
    kinds: [httpPost(sender, keys.current), httpForward(sender, routes.current)],
    reload() {
      keys.reload();
      routes.reload();
    },
  };
}
