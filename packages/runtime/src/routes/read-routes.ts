import { readFileSync } from 'node:fs';
import { parseRoutes, type RoutesResult } from './parse-routes.ts';

/** The routes of the file that HOOKLINE_ROUTES_FILE names; none, where it is not set. Each problem names the variable. */
export function readRoutes({ routesFile }: { routesFile?: string | undefined }): RoutesResult {
  if (routesFile === undefined) return { success: true, routes: [] };
  let text: string;
  try {
    text = readFileSync(routesFile, 'utf8');
  } catch (error) {
    const problem = `HOOKLINE_ROUTES_FILE names a file that cannot be read: ${(error as Error).message}.`;
    return { success: false, problems: [problem] };
  }
  const result = parseRoutes(text);
  if (result.success) return result;
  const place = `HOOKLINE_ROUTES_FILE (${routesFile})`;
  return { success: false, problems: result.problems.map((problem) => `${place}: ${problem}`) };
}
