import { env, type ConnectionConfig } from './connection-config.ts';

/** What contradicts in the settings of requests to the registry. */
export function registryProblems(config: ConnectionConfig): string[] {
  const { registryUrl, registryUsername: user, registryPasswordFile: password, registryTokenFile: token } = config;
  if (registryUrl === undefined) return [];
  const url = new URL(registryUrl);
  const problems: string[] = [];
  if (url.username !== '' || url.password !== '') {
    problems.push(
      'HOOKLINE_REGISTRY_URL has a user in it: set HOOKLINE_REGISTRY_USERNAME and HOOKLINE_REGISTRY_PASSWORD_FILE.',
    );
  }
  if ((user === undefined) !== (password === undefined)) {
    const [is, not] = user === undefined ? ['PASSWORD_FILE', 'USERNAME'] : ['USERNAME', 'PASSWORD_FILE'];
    problems.push(`HOOKLINE_REGISTRY_${is} is set without HOOKLINE_REGISTRY_${not}: set both.`);
  }
  if (token !== undefined && (user !== undefined || password !== undefined)) {
    problems.push('HOOKLINE_REGISTRY_TOKEN_FILE is set beside a user and password: keep one of them.');
  }
  if (url.protocol === 'https:') return problems;
  for (const name of ['registryCaFile', 'registryCertFile', 'registryKeyFile'] as const) {
    if (config[name] !== undefined) {
      problems.push(`${env(name)} is set, and HOOKLINE_REGISTRY_URL is not an https://… one: it would not be used.`);
    }
  }
  if (password !== undefined || token !== undefined) {
    problems.push(
      'HOOKLINE_REGISTRY_URL is not an https://… one, and a secret would be sent to it for all to read: use https.',
    );
  }
  return problems;
}
