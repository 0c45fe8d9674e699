import { describe, expect, it } from '@jest/globals';
import { helpText } from './help.ts';
import { option } from './kinds.ts';
import { optionsMarkdown } from './markdown.ts';
import { maskedConfig, maskUrl } from './masked.ts';

const table = {
  port: option.integer({ env: 'HOOKLINE_PORT', help: 'Port | or socket.', min: 0, max: 9, default: 8 }),
  brokers: option.list({ env: 'HOOKLINE_BROKERS', help: `Brokers${' and brokers'.repeat(12)}.`, default: ['a', 'b'] }),
  token: option.string({ env: 'HOOKLINE_TOKEN', help: 'Token.', secret: true }),
  salt: option.string({ env: 'HOOKLINE_SALT', help: 'Salt.', secret: true, default: 'pepper' }),
  note: option.optionalString({ env: 'HOOKLINE_NOTE', help: 'Note.' }),
  url: option.url({ env: 'HOOKLINE_URL', help: 'Url.', schemes: ['http'] }),
};

// One table is the source of every text, so that none of them can tell what another does not.
describe('the texts of a table of options', () => {
  it('--help', () => {
    expect(helpText('program', 'Does things.', table)).toBe(`program: Does things.

Usage: program [--help | --version]

Settings are environment variables; one set to the empty string counts as not set.

  HOOKLINE_PORT
      Port | or socket.
      [integer, 0 to 9; default 8]

  HOOKLINE_BROKERS
      Brokers and brokers and brokers and brokers and brokers and brokers and brokers and brokers
      and brokers and brokers and brokers and brokers and brokers.
      [list, separated by commas; default a,b]

  HOOKLINE_TOKEN
      Token. Instead, HOOKLINE_TOKEN_FILE can name a file that holds the value.
      [text; required]

  HOOKLINE_SALT
      Salt. Instead, HOOKLINE_SALT_FILE can name a file that holds the value.
      [text; default ***]

  HOOKLINE_NOTE
      Note.
      [text; optional]

  HOOKLINE_URL
      Url.
      [URL, http://…; required]
`);
  });

  it('the page of the documentation', () => {
    expect(optionsMarkdown({ port: table.port, token: table.token, note: table.note })).toBe(
      `| Variable | Type | Default | What it does |
|---|---|---|---|
| \`HOOKLINE_PORT\` | integer, 0 to 9 | \`8\` | Port \\| or socket. |
| \`HOOKLINE_TOKEN\` or \`HOOKLINE_TOKEN_FILE\` | text | **required** | Token. |
| \`HOOKLINE_NOTE\` | text |  | Note. |
`,
    );
  });

  it('the summary at the start, without secrets', () => {
    const config = { port: 1, brokers: ['a'], token: 's3cret', salt: 's3cret', note: undefined, url: 'http://u:p@h/' };
    expect(maskedConfig(table, config)).toEqual({
      port: 1,
      brokers: ['a'],
      token: '***',
      salt: '***',
      note: undefined,
      url: 'http://u:***@h/',
    });
  });
});

describe('a masked URL', () => {
  it.each([
    ['postgresql://u:p@h:5432/d', 'postgresql://u:***@h:5432/d'],
    ['postgresql://h/d?user=u&password=p&sslmode=require', 'postgresql://h/d?user=u&password=***&sslmode=require'],
    ['http://h/', 'http://h/'],
    ['u:p@h', '***'],
    ['password=p host=h', '***'],
  ])('%s', (url, masked) => {
    expect(maskUrl(url)).toBe(masked);
  });
});
