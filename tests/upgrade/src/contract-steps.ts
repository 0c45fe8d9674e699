/** A step of a migration after which the services of the release before may fail. */
export interface ContractStep {
  /** The statement, on one line. */
  statement: string;
  /** Why the release before may not bear it. */
  why: string;
}

/** Statements, after comments and texts are gone, on tables that were there before. `$` stands for the name of a table. */
const RULES: { pattern: RegExp; why: string }[] = [
  { pattern: /^drop (?!role)/, why: 'removes what the release before may use' },
  { pattern: /^truncate /, why: 'removes what the release before may use' },
  { pattern: /^revoke /, why: 'takes a right that the release before may need' },
  { pattern: /^alter type (?!\S+ add value)/, why: 'changes a type that the release before knows' },
  { pattern: /^create unique index .* on \$/, why: 'refuses rows that the release before may write' },
  { pattern: /^alter \w+ .* rename /, why: 'renames what the release before names' },
  { pattern: /^alter \w+ .* set schema /, why: 'moves what the release before names' },
  {
    pattern: /^alter table \$.* drop (?!constraint|not null|expression)/,
    why: 'removes what the release before may use',
  },
  { pattern: /^alter table \$.* set not null/, why: 'refuses rows that the release before may write' },
  {
    pattern: /^alter table \$.* alter (column )?\w+ (set data )?type /,
    why: 'changes a type that the release before knows',
  },
  {
    pattern: /^alter table \$.* set generated|^alter table \$.* add generated/,
    why: 'refuses values of the release before',
  },
];

const ADDS_COLUMN = /\badd (?:column )?(?:if not exists )?(?!constraint|check|unique|primary|foreign|exclude)\w+ /;
const ADDS_CONSTRAINT = /\badd (?:constraint (\w+) )?(?:check|unique|primary key|foreign key|exclude)\b/;

/**
 * The steps of a migration that take something from the release before, which may still run on the same database. What a
 * migration does with tables that it makes itself takes nothing from anybody.
 */
export function contractSteps(sql: string): ContractStep[] {
  const statements = statementsOf(sql);
  const made = new Set(statements.flatMap((it) => /^create table (?:if not exists )?([\w.]+)/.exec(it)?.[1] ?? []));
  return statements.flatMap((statement) => {
    const table =
      /^(?:alter table (?:if exists )?(?:only )?|create unique index .*? on |drop table (?:if exists )?|truncate (?:table )?)([\w.]+)/.exec(
        statement,
      )?.[1];
    if (table && made.has(table)) return [];
    const general = table ? statement.replace(table, '$') : statement;
    const whys = RULES.filter(({ pattern }) => pattern.test(general)).map(({ why }) => why);
    if (general.startsWith('alter table $')) whys.push(...actionsOf(general).flatMap(addition));
    return [...new Set(whys)].map((why) => ({ statement, why }));
  });
}

/** Of `alter table $ a, b`: each by itself, and which constraints are dropped by another of them. */
function actionsOf(statement: string): string[] {
  const dropped = new Set([...statement.matchAll(/drop constraint (?:if exists )?(\w+)/g)].map(([, name]) => name));
  return splitOutsideParentheses(statement.slice('alter table $'.length), ',').filter((action) => {
    const name = ADDS_CONSTRAINT.exec(action)?.[1];
    // Replaced, which is how a list of values grows. Whether it has, `npm run test:upgrade` sees.
    return name === undefined || !dropped.has(name);
  });
}

function addition(action: string): string[] {
  if (ADDS_CONSTRAINT.test(action) && !ADDS_COLUMN.test(action))
    return ['refuses rows that the release before may write'];
  if (!ADDS_COLUMN.test(action) || !/\bnot null\b/.test(action)) return [];
  return /\b(default|generated)\b/.test(action) ? [] : ['has a column that the release before does not fill'];
}

/** Without comments, texts and bodies of functions; in lower case, with single spaces. */
function statementsOf(sql: string): string[] {
  const bare = sql
    .replaceAll(/--[^\n]*/g, ' ')
    .replaceAll(/\/\*[\s\S]*?\*\//g, ' ')
    .replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, "''")
    .replaceAll(/'(?:[^']|'')*'/g, "''");
  return bare
    .split(';')
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim().toLowerCase())
    .filter((statement) => statement !== '');
}

function splitOutsideParentheses(text: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === separator && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}
