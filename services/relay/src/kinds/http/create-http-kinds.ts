import { caFileProblems, type OutboundConfig } from '@hookline/outbound';
import type { EffectKind, SecretOrigins } from '@hookline/runtime';
import { httpForward } from './http-forward.ts';
import type { HttpSender } from './http-kind.ts';
import type { HttpConfig } from './http-options.ts';
import { httpPost } from './http-post.ts';
import { readRouteTargets } from './route-targets.ts';
import { readSigningKeys, secretOrigins } from './signing-secrets.ts';

type Config = HttpConfig & Pick<OutboundConfig, 'outboundAllow'>;

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
  config: Config,
  sender: HttpSender,
  origins: SecretOrigins = secretOrigins,
): EffectKind[] {
  const keys = readSigningKeys(config.signingSecretsFile, origins);
  const routes = readRouteTargets(config, origins);
  if (!keys.success) throw new RangeError(keys.problems.join(' '));
  if (!routes.success) throw new RangeError(routes.problems.join(' '));
  return [httpPost(sender, keys.keys), httpForward(sender, routes.targets)];
}
