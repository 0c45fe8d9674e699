import { addressProblem } from '@hookline/outbound';
import { readRoutes, readSecret, type Route, type SecretOrigins } from '@hookline/runtime';

/** A route as the relay sends to it. */
export interface RouteTarget extends Pick<Route, 'name' | 'timeoutMs' | 'maxAttempts' | 'on4xx'> {
  url: string;
  /** Null: requests are not signed. */
  secret: string | null;
}

export type RouteTargets = ReadonlyMap<string, RouteTarget>;

interface RoutesConfig {
  routesFile?: string | undefined;
  /** HOOKLINE_OUTBOUND_ALLOW. */
  outboundAllow: readonly string[];
  /** HOOKLINE_EFFECT_DEADLINE_MS. */
  attemptDeadlineMs?: number;
}

/** The routes with their secrets. All problems are named at once. */
export function readRouteTargets(
  { routesFile, outboundAllow, attemptDeadlineMs = Infinity }: RoutesConfig,
  origins: SecretOrigins,
): { success: true; targets: RouteTargets } | { success: false; problems: string[] } {
  const read = readRoutes({ routesFile });
  if (!read.success) return read;
  const problems: string[] = [];
  const targets = read.routes.map((route): RouteTarget => {
    const { name, forward, timeoutMs, maxAttempts, on4xx } = route;
    const problem = addressProblem(forward, outboundAllow);
    if (problem !== null) {
      problems.push(
        `The route "${name}" forwards to an address that is not allowed: ${problem}. Add it to HOOKLINE_OUTBOUND_ALLOW if it is yours.`,
      );
    }
    if (timeoutMs !== null && timeoutMs > attemptDeadlineMs) {
      problems.push(
        `The route "${name}": its timeoutMs is ${timeoutMs}, and no attempt may take longer than HOOKLINE_EFFECT_DEADLINE_MS (${attemptDeadlineMs}).`,
      );
    }
    const secret = secretOf(route, origins);
    if (!secret.success) problems.push(`The route "${name}": its ${secret.problem}.`);
    return { name, url: forward, timeoutMs, maxAttempts, on4xx, secret: secret.success ? secret.secret : null };
  });
  if (problems.length > 0) return { success: false, problems };
  return { success: true, targets: new Map(targets.map((target) => [target.name, target])) };
}

function secretOf(
  { secret }: Route,
  origins: SecretOrigins,
): { success: true; secret: string | null } | { success: false; problem: string } {
  if (secret === null) return { success: true, secret: null };
  const field = 'file' in secret ? 'secretFile' : 'secretEnv';
  const found = readSecret(secret, origins);
  if (!found.success) return { success: false, problem: `${field} ${found.reason}` };
  if (found.secret.trim() === '')
    return { success: false, problem: `${field} leads to a secret that is empty, with which everybody can sign` };
  return found;
}
