import { hostname, userInfo } from 'node:os';

/** Who decides: as given, else HOOKLINE_ACTOR, else the user of the operating system at this host. */
export function actorOf(given: string | undefined, env: NodeJS.ProcessEnv): string {
  return given?.trim() || env['HOOKLINE_ACTOR']?.trim() || `${userName()}@${hostname()}`;
}

/** In a container the user may have a number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
