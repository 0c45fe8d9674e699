import type { Source } from './source.ts';
import type { Target } from './targets.ts';

/** The command line by which an engine builds a target, from the repository's root. */
export function buildArguments(target: Target, references: readonly string[], source: Source): string[] {
  const values = {
    VERSION: source.version,
    REVISION: source.revision,
    CREATED: new Date(source.epochSeconds * 1000).toISOString(),
    SOURCE_DATE_EPOCH: String(source.epochSeconds),
  };
  return [
    ...['build', '--force-rm', '--file', 'infra/docker/Dockerfile', '--target', target.name],
    ...Object.entries(values).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...references.flatMap((reference) => ['--tag', reference]),
    '.',
  ];
}
