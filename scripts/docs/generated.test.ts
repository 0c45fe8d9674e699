import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from '../tools.ts';
import { anchorOf } from './alerts.ts';
import { generatedParts, withGenerated } from './generated.ts';
import { headings } from './page.ts';

const pages = globSync(['*.md', 'docs/**/*.md', 'infra/**/*.md'], { cwd: root });

// Documentation that is wrong is worse than none: at three in the morning it is believed.
describe('the documentation', () => {
  it('shows the settings and metrics that the code has: run `npm run docs` where it does not', async () => {
    const parts = await generatedParts();
    const used = new Set<string>();
    for (const path of pages) {
      const page = read(path);
      for (const [, name] of page.matchAll(/^<!-- generated: (.+) -->$/gm)) used.add(name as string);
      expect([path, withGenerated(page, parts)]).toEqual([path, page]);
    }
    expect([...used].toSorted()).toEqual([...parts.keys()].toSorted());
  });

  it('has no link that leads nowhere', () => {
    const broken = pages.flatMap((path) =>
      linksOf(read(path))
        .filter((target) => !leadsSomewhere(path, target))
        .map((target) => `${path}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('has no link to a heading that is not there', () => {
    const broken = pages.flatMap((path) =>
      anchorsOf(path)
        .filter(({ page, anchor }) => !headings(read(page)).map(anchorOf).includes(anchor))
        .map(({ page, anchor }) => `${path}: ${page}#${anchor}`),
    );
    expect(broken).toEqual([]);
  });

  it('names only variables that exist', async () => {
    const known = new Set(
      [...(await generatedParts()).values()].flatMap((part) => part.match(/HOOKLINE_[A-Z_]+/g) ?? []),
    );
    const elsewhere = [
      'HOOKLINE_CACHE',
      'HOOKLINE_TEST_PROVIDER',
      'HOOKLINE_TEST_POOLER',
      'HOOKLINE_INGEST_DRAIN_MS',
      'HOOKLINE_ACTOR',
      'HOOKLINE_LOCAL_FILE',
      'HOOKLINE_KUBECONFIG',
      'HOOKLINE_KUBE_IMPORT',
      'HOOKLINE_KUBE_RUN',
      'HOOKLINE_',
    ];
    const named = pages.flatMap((path) => read(path).match(/HOOKLINE_[A-Z_]*/g) ?? []);
    expect(named.filter((name) => !known.has(name) && !elsewhere.includes(name))).toEqual([]);
  });

  it('shows the SQL that runs, as it is in the code', () => {
    const sources = globSync('packages/database/src/**/*.ts', { cwd: root }).map((path) =>
      readFileSync(join(root, path), 'utf8'),
    );
    const code = sources.map(withoutLayout).join(' ');
    const blocks = [...read('ARCHITECTURE.md').matchAll(/^```sql\n(.+?)^```/gms)].map(([, block]) => block as string);
    const statements = blocks.flatMap((block) => block.split(/;|\n\n/)).map(withoutLayout);
    const whole = statements.filter(
      (statement) => /^(select|insert|update|with)/.test(statement) && !statement.includes('…'),
    );
    expect(whole.length).toBeGreaterThanOrEqual(6);
    expect(whole.filter((statement) => !code.includes(statement))).toEqual([]);
  });

  it('names only test files that exist', () => {
    const files = globSync('{packages,services,examples,tests,bench,scripts}/**/*.test.ts', {
      cwd: root,
      exclude: ['**/node_modules/**', '**/dist/**'],
    });
    const named = pages
      .flatMap((path) => read(path).match(/[\w./-]+\.test\.ts/g) ?? [])
      .filter((name) => name !== '.test.ts')
      .map((name) => name.replace(/^(\.\.\/)+/, ''));
    expect(named.filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`)))).toEqual([]);
  });
});

describe('withGenerated', () => {
  const parts = new Map([['numbers', '1\n2\n']]);

  it('replaces what is between the markers and leaves the rest', () => {
    const page = 'before\n<!-- generated: numbers -->\nold\n<!-- end -->\nafter\n';
    const made = 'before\n<!-- generated: numbers -->\n\n1\n2\n\n<!-- end -->\nafter\n';
    expect(withGenerated(page, parts)).toBe(made);
    expect(withGenerated(made, parts)).toBe(made);
  });

  it('refuses a name that nothing makes, and a part without its end', () => {
    expect(() => withGenerated('<!-- generated: letters -->\n<!-- end -->', parts)).toThrow('there are: numbers');
    expect(() => withGenerated('<!-- generated: numbers -->\n', parts)).toThrow('has no "<!-- end -->"');
  });
});

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function withoutLayout(sql: string): string {
  return sql.replaceAll(/\s+/g, ' ').trim();
}

/** Targets of links to files of ours, without their anchors. */
function linksOf(page: string): string[] {
  const targets = [...page.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target as string);
  return targets.filter((target) => !/^(https?:|mailto:|#)/.test(target)).map((target) => target.replace(/#.*$/, ''));
}

/** Headings of our pages that a page links to. */
function anchorsOf(path: string): { page: string; anchor: string }[] {
  const links = [...read(path).matchAll(/\]\(([^)\s#:]*)#([^)\s]+)\)/g)];
  return links
    .map(([, target, anchor]) => ({
      page: target ? join(dirname(path), target) : path,
      anchor: anchor as string,
    }))
    .filter(({ page }) => page.endsWith('.md'));
}

function leadsSomewhere(page: string, target: string): boolean {
  return globSync(join(dirname(page), target), { cwd: root }).length > 0;
}
