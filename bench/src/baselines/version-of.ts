import { createRequire } from 'node:module';

/** The version of a package that a baseline is made of: exact, as the benches' own package.json names it. */
export function versionOf(name: string): Record<string, string> {
  const { devDependencies } = createRequire(import.meta.url)('../../package.json') as {
    devDependencies: Record<string, string>;
  };
  return { [name]: devDependencies[name] ?? 'unknown' };
}
