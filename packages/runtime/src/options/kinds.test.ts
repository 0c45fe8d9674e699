import { describe, expect, it } from '@jest/globals';
import { option } from './kinds.ts';
import type { Option } from './option.ts';

const about = { env: 'HOOKLINE_X', help: 'X.' };
const read = <T>(of: Option<T>, text: string): T | string => {
  const parsed = of.parse(text);
  return parsed.success ? parsed.value : parsed.reason;
};

describe('kinds of options', () => {
  it('string: as given, spaces and all', () => {
    expect(read(option.string(about), ' a ')).toBe(' a ');
    expect(option.string(about).required).toBe(true);
    expect(option.string({ ...about, default: 'd' }).required).toBe(false);
  });

  it('optionalString: not required, and without a default', () => {
    expect(option.optionalString(about)).toMatchObject({ required: false, default: undefined });
    expect(read(option.optionalString(about), 'a')).toBe('a');
  });

  it('optionalUrl: as a url, and not required', () => {
    const url = option.optionalUrl({ ...about, schemes: ['http'], secret: true });
    expect(url).toMatchObject({ required: false, default: undefined, secret: true, type: 'URL' });
    expect([read(url, 'http://a/'), read(url, 'a')]).toEqual(['http://a/', 'not a URL']);
    expect(url.mask('http://a:b@c/')).toBe('http://a:***@c/');
  });

  it('integer: digits only, within its range', () => {
    const port = option.integer({ ...about, min: 1, max: 65535 });
    expect(read(port, '65535')).toBe(65535);
    for (const text of ['80a', '1.5', '1e3', '0x10', 'NaN', ' ', '9007199254740993']) {
      expect([text, read(port, text)]).toEqual([text, 'not a whole number']);
    }
    expect(read(port, 'tcp://10.0.0.1:8080')).toContain('enableServiceLinks: false');
    expect(read(port, '0')).toBe('out of range');
    expect(read(port, '65536')).toBe('out of range');
    expect(read(option.integer(about), '-7')).toBe(-7);
  });

  it.each([
    [{ min: 1, max: 9 }, '1 to 9'],
    [{ min: 1 }, '1 or more'],
    [{ min: 1, max: Number.MAX_SAFE_INTEGER }, '1 or more'],
    [{ max: 9 }, '9 or less'],
    [{}, undefined],
  ])('integer: says its range %o', (range, allowed) => {
    expect(option.integer({ ...about, ...range }).allowed).toBe(allowed);
  });

  it('duration: whole milliseconds, none below 0 unless it says so', () => {
    expect(option.duration(about)).toMatchObject({ unit: 'ms', allowed: '0 to 2147483647' });
    expect(read(option.duration(about), '-1')).toBe('out of range');
    expect(read(option.duration({ ...about, min: -1 }), '-1')).toBe(-1);
  });

  it('boolean: the two words, nothing that looks like them', () => {
    expect([read(option.boolean(about), 'true'), read(option.boolean(about), 'false')]).toEqual([true, false]);
    expect(read(option.boolean(about), 'yes')).toBe('neither true nor false');
    expect(option.boolean({ ...about, default: false })).toMatchObject({ required: false, default: false });
  });

  it('choice: one of the words', () => {
    const level = option.choice({ ...about, choices: ['debug', 'info'] });
    expect(read(level, 'info')).toBe('info');
    expect(read(level, 'INFO')).toBe('not one of debug, info');
  });

  it('list: at least one, trimmed, none empty', () => {
    expect(read(option.list(about), 'a:1, b:2')).toEqual(['a:1', 'b:2']);
    for (const text of [',', 'a,', 'a,,b', ' '])
      expect(read(option.list(about), text)).toBe('a list with an empty entry');
    expect(option.list(about).format(['a', 'b'])).toBe('a,b');
  });

  it('url: of a scheme that is wanted', () => {
    const url = option.url({ ...about, schemes: ['http', 'https'] });
    expect(read(url, 'http://registry:8080/apis/ccompat/v7')).toBe('http://registry:8080/apis/ccompat/v7');
    expect(read(url, 'registry')).toBe('not a URL');
    expect(read(url, 'ftp://registry')).toBe('a URL of the scheme ftp, not http or https');
    expect(url.allowed).toBe('http://…, https://…');
  });

  it("custom: what the service's own function says", () => {
    const even = option.custom<number>({
      ...about,
      type: 'even number',
      allowed: '2, 4, 6, …',
      default: 2,
      parse: (text) =>
        Number(text) % 2 === 0 ? { success: true, value: Number(text) } : { success: false, reason: 'odd' },
      format: (value) => `${value}!`,
    });
    expect([read(even, '4'), read(even, '3')]).toEqual([4, 'odd']);
    expect(even).toMatchObject({ type: 'even number', allowed: '2, 4, 6, …', default: 2 });
    expect(even.format(4)).toBe('4!');
  });
});
