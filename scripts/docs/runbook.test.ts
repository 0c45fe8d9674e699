import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { commandTree, type CommandNode } from '../../packages/cli/src/completion/command-tree.ts';
import { createProgram } from '../../packages/cli/src/program.ts';
import { CODES } from '../../packages/cli/src/verify/codes.ts';
import { DELIVERY_FLAGS, HALT_REASONS } from '../../packages/contracts/src/index.ts';
import { ANSWERS } from '../../services/ingest/src/answers.ts';
import { root } from '../tools.ts';
import { alarmsOf } from './alarms.ts';
import { metricsBehind, readRules, runbookAnchor } from '../monitoring/rules.ts';
import { anchorOf, metricsOf } from './alerts.ts';
import { generatedParts } from './generated.ts';
import { codeSpans, commandLines, headings, quotes } from './page.ts';
import { reasonsOf } from './reasons.ts';
import { readSources, textsOf, type Source } from './source-texts.ts';

const runbook = readFileSync(join(root, 'docs/operating/runbook.md'), 'utf8');
const spans = codeSpans(runbook);
const { alerts, recordings } = readRules();
const METRICS = ['metrics of ingest', 'metrics of processor', 'metrics of relay'];

// Who is woken believes this page: what it quotes must be what the programs say, and nothing that wakes may be missing.
describe('the runbook', () => {
  let sources: Source[] = [];
  let texts: string[] = [];
  let metrics: string[] = [];
  const commands = commandTree(createProgram({ data: () => {}, progress: () => {} }));

  beforeAll(async () => {
    sources = readSources('{packages,services}/*/src/**/*.ts').filter(({ path }) => !path.includes('local-stack'));
    texts = sources.flatMap(({ tree }) => textsOf(tree)).map((text) => text.replaceAll(/\s+/g, ' '));
    const parts = await generatedParts();
    metrics = METRICS.flatMap((part) =>
      [...(parts.get(part) ?? '').matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name as string),
    );
  });

  it('has a part for each alert, which names it, and alerts ask for metrics that there are', () => {
    const missing = alerts
      .filter((alert) => !partOf(runbookAnchor(alert)).includes(`\`${alert.alert}\``))
      .map(({ alert, annotations }) => `${alert}: ${annotations.runbook_url}`);
    expect(missing).toEqual([]);
    const unknown = (names: readonly string[]) => names.filter((name) => !metrics.includes(name));
    expect(unknown(alerts.flatMap(({ expr }) => metricsBehind(expr, recordings)))).toEqual([]);
    expect(unknown(recordings.flatMap(({ expr }) => metricsBehind(expr, recordings)))).toEqual([]);
    expect(unknown(metricsOf(runbook)).filter((name) => !isRole(name))).toEqual([]);
  });

  it('names no alert that there is not', () => {
    const named = [runbook, readFileSync(join(root, 'docs/operating/alerts.md'), 'utf8')].flatMap(
      (page) => page.match(/\bHookline[A-Z]\w+/g) ?? [],
    );
    expect(named.filter((name) => !alerts.some(({ alert }) => alert === name))).toEqual([]);
  });

  it('has a part for each metric', async () => {
    const parts = await generatedParts();
    const rows = METRICS.flatMap((part) => (parts.get(part) ?? '').split('\n'));
    const ours = rows.filter((row) => row.startsWith('| `hookline_'));
    expect(ours.length).toBeGreaterThan(30);
    expect(ours.filter((row) => !row.includes('(runbook.md#'))).toEqual([]);
  });

  it('says for each alert how it shows, where it comes from, and what to do', () => {
    // A table has these as its columns.
    const wanted = alerts.map(runbookAnchor).filter((anchor) => anchor !== 'exit-codes');
    const missing = [...new Set(wanted)].flatMap((anchor) =>
      ['symptoms', 'cause', 'cure']
        .filter((word) => !new RegExp(`\\*\\*${word}`, 'i').test(partOf(anchor)))
        .map((word) => `${anchor}: ${word}`),
    );
    expect(missing).toEqual([]);
  });

  it('has each line that a service logs as a warning or worse', () => {
    const missing = sources.flatMap(alarmsOf).filter((line) => !spans.some((span) => begins(line, span)));
    expect(missing.filter((line) => /\w/.test(line))).toEqual([]);
  });

  it('has each reason for which a service is not ready, or not live', () => {
    const reasons = sources.flatMap(reasonsOf);
    expect(reasons.length).toBeGreaterThan(20);
    expect(reasons.filter((reason) => !spans.some((span) => begins(reason, span)))).toEqual([]);
  });

  it('has each code that somebody can be shown', () => {
    const errors = unionOf('packages/runtime/src/errors.ts', 'ErrorCode');
    const deaths = unionOf('packages/database/src/dead-letters/write-dead-letters.ts', 'reason');
    const failures = Object.entries(ANSWERS).filter(([, { status }]) => status >= 500);
    expect([errors.length, deaths.length]).toEqual([11, 5]);
    const codes = [
      ...HALT_REASONS,
      ...CODES.keys(),
      ...errors,
      ...deaths,
      ...DELIVERY_FLAGS,
      ...failures.map(([code]) => code),
    ];
    expect(codes.filter((code) => !spans.some((span) => span.includes(code)))).toEqual([]);
  });

  it('quotes only what the code says', () => {
    const quoted = spans.filter((span) => !isOther(span));
    expect(quoted.length).toBeGreaterThan(100);
    const isSaid = (span: string): boolean => texts.some((text) => quotes(span, text));
    // Why a process ends is told behind what it did.
    const isEnd = (span: string): boolean => {
      const [did = '', why = ''] = span.split(/: (.*)/);
      return texts.includes(did) && isSaid(why);
    };
    expect(quoted.filter((span) => !isSaid(span) && !isEnd(span))).toEqual([]);
  });

  it('names only commands and options that there are', () => {
    const lines = commandLines(runbook);
    expect(lines.length).toBeGreaterThan(30);
    expect(lines.flatMap((line) => problemOf(line, commands))).toEqual([]);
    const options = commands.flatMap((command) => command.options.map(({ long }) => `--${long}`));
    const alone = spans.filter((span) => span.startsWith('--')).map((span) => span.split(' ')[0] as string);
    expect(alone.length).toBeGreaterThan(5);
    expect(alone.filter((option) => !options.includes(option))).toEqual([]);
  });
});

/** The part of the runbook under an anchor; empty where there is none. */
function partOf(anchor: string): string {
  return runbook.split(/^##+ /m).find((part) => anchorOf(part.split('\n')[0] as string) === anchor) ?? '';
}

/** Whether a span is the line, its beginning, or what it looks like from there. */
function begins(line: string, span: string): boolean {
  const [first = ''] = span.split('…');
  return span.replaceAll('…', '').length >= 9 && line.startsWith(first.trim()) && quotes(span, line);
}

/** Neither a log line, nor a word of one: settings, metrics, commands, paths, SQL and exit codes have tests of their own. */
function isOther(span: string): boolean {
  return /^(HOOKLINE_|Hookline[A-Z]|hookline[ _.]|--|\/|select |GET$|POST$|POST |permission denied|SIG)/.test(span);
}

function isRole(name: string): boolean {
  return name === 'hookline_processor';
}

function problemOf(line: string, commands: readonly CommandNode[]): string[] {
  const words = line.split(/\s+/).slice(1);
  const options = words.filter((word) => word.startsWith('--')).map((word) => word.slice(2));
  const at = commands.filter(({ path }) => `${words.join(' ')} `.startsWith(`${path} `)).at(-1);
  const below = at && words[at.path.split(' ').length];
  if (!at || (at.commands.length > 0 && below !== undefined && !below.startsWith('--')))
    return [`${line}: no such command`];
  const unknown = options.filter((option) => !at.options.some(({ long }) => long === option));
  return unknown.map((option) => `${line}: no option --${option}`);
}

/** The members of a union of words: of a type, or of a property. */
function unionOf(path: string, name: string): string[] {
  const code = readFileSync(join(root, path), 'utf8');
  const union = new RegExp(`\\b${name}(?: =|:)((?:\\s*\\|?\\s*'[\\w-]+')+)`).exec(code)?.[1] ?? '';
  return [...union.matchAll(/'([\w-]+)'/g)].map(([, member]) => member as string);
}

describe('links to a part of a page', () => {
  it('lead to a heading', () => {
    const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: root });
    const anchors = new Map(pages.map((path) => [path, headings(read(path)).map(anchorOf)]));
    const broken = pages.flatMap((path) =>
      [...read(path).matchAll(/\]\(([^)\s#]*)#([^)\s]+)\)/g)]
        .filter(([, file]) => !/^https?:/.test(file as string))
        .filter(([, file, anchor]) => {
          const target = file === '' ? path : join(path, '..', file as string);
          return target.endsWith('.md') && !anchors.get(target)?.includes(anchor as string);
        })
        .map(([link]) => `${path}: ${link}`),
    );
    expect(broken).toEqual([]);
  });
});

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
