import { runTool } from './tools.ts';
import { addUnseenSources, type SourceGlobs } from './unseen-sources.ts';

/** Least share of lines and of branches that tests must run, in per cent, over all of the sources together. */
const LEAST_PERCENT = 95;

/** Everything that we ship or show; only tests, and what exists for tests alone, are no sources. */
const SOURCES: SourceGlobs = {
  include: ['packages/*/src/**/*.ts', 'services/*/src/**/*.ts', 'examples/*/src/**/*.ts'],
  exclude: ['**/*.test.ts', '**/src/testing/**', 'packages/local-stack/src/contract/**'],
};

/**
 * Merges what Node wrote for every process of the tests, those that tests started included, and says which files are
 * not fully covered. `ok` is false when the whole is below the least share.
 */
export async function coverageReport(root: string, rawDirectory: string): Promise<{ ok: boolean; output: string }> {
  addUnseenSources(root, rawDirectory, SOURCES);
  const flags = (name: string, values: string[]): string[] => values.map((value) => `--${name}=${value}`);
  return runTool({
    path: 'c8/bin/c8.js',
    args: [
      'report',
      `--temp-directory=${rawDirectory}`,
      `--reports-dir=${root}coverage`,
      ...flags('reporter', ['text', 'lcovonly', 'json-summary']),
      ...flags('include', SOURCES.include),
      ...flags('exclude', SOURCES.exclude),
      '--extension=.ts',
      '--skip-full',
      '--merge-async',
      '--check-coverage',
      ...['lines', 'branches'].map((kind) => `--${kind}=${LEAST_PERCENT}`),
      ...['functions', 'statements'].map((kind) => `--${kind}=0`),
    ],
  });
}
