import { readFileSync } from 'node:fs';
import { parseSources, type SourcesResult } from './parse-sources.ts';

/** Where the list of sources is: in a file that may change, or in the configuration itself. One of the two is set. */
export interface SourcesLocation {
  sourcesFile: string | undefined;
  sources: string | undefined;
}

/**
 * Reads the sources from where the configuration says. Files are read by name each time, since Kubernetes replaces a
 * mounted secret by swapping a symbolic link. Every problem names the variable that led to it.
 */
export function readSources(
  { sourcesFile, sources }: SourcesLocation,
  environment: Readonly<Record<string, string | undefined>>,
): SourcesResult {
  if ((sourcesFile === undefined) === (sources === undefined)) {
    return {
      success: false,
      problems: ['Set one of HOOKLINE_SOURCES_FILE and HOOKLINE_SOURCES: the webhooks to take.'],
    };
  }
  let text: string;
  try {
    text = sources ?? readFileSync(sourcesFile as string, 'utf8');
  } catch (error) {
    const problem = `HOOKLINE_SOURCES_FILE names a file that cannot be read: ${(error as Error).message}.`;
    return { success: false, problems: [problem] };
  }
  const result = parseSources(text, { readFile: (path) => readFileSync(path, 'utf8'), environment });
  if (result.success) return result;
  const place = sources === undefined ? `HOOKLINE_SOURCES_FILE (${sourcesFile})` : 'HOOKLINE_SOURCES';
  return { success: false, problems: result.problems.map((problem) => `${place}: ${problem}`) };
}
