import { maskUrl, MASK } from './masked.ts';
import type { Option, Parsed } from './option.ts';

interface Settings {
  env: string;
  help: string;
  unit?: string;
  secret?: boolean;
}

interface Range {
  min?: number;
  max?: number;
}

/** A longer timer would fire at once: 2^31 - 1 ms, almost 25 days. */
const MAX_TIMER_MS = 2_147_483_647;

/** For a Service called `hookline-ingest`, Kubernetes sets HOOKLINE_INGEST_PORT=tcp://10.0.0.1:8080 in every pod. */
const SERVICE_LINK = 'what Kubernetes sets for a Service of that name (enableServiceLinks: false in the pod ends that)';

/** The kinds of settings. Without `default` a setting is required (except the optional ones). */
export const option = {
  /** Any text, exactly as given. */
  string: (settings: Settings & { default?: string }): Option<string> => make(settings, 'text', { parse: accept }),

  /** Any text, or undefined when it is not set. */
  optionalString: (settings: Settings): Option<string | undefined> => ({
    ...make<string | undefined>(settings, 'text', { parse: accept }),
    required: false,
  }),

  /** One of a few words. */
  choice<const C extends string>(settings: Settings & { choices: readonly C[]; default?: C }): Option<C> {
    const allowed = settings.choices.join(', ');
    return make<C>(settings, 'word', {
      allowed,
      parse: (text) => {
        const value = settings.choices.find((choice) => choice === text);
        return value === undefined ? refuse(`not one of ${allowed}`) : accept(value);
      },
    });
  },

  /** A whole number in decimal digits. */
  integer: (settings: Settings & Range & { default?: number }): Option<number> => integer(settings),

  /**
   * A whole number of milliseconds, from 0 to what a timer of Node can wait. A duration that no timer waits for,
   * such as a retention, says `max: Number.MAX_SAFE_INTEGER`.
   */
  duration: (settings: Settings & Range & { default?: number }): Option<number> =>
    integer({ min: 0, max: MAX_TIMER_MS, unit: 'ms', ...settings }),

  boolean: (settings: Settings & { default?: boolean }): Option<boolean> =>
    make<boolean>(settings, 'boolean', {
      allowed: 'true, false',
      parse: (text) => {
        if (text === 'true') return accept(true);
        return text === 'false' ? accept(false) : refuse('neither true nor false');
      },
    }),

  /** Texts separated by commas, at least one. Spaces around each do not count. */
  list: (settings: Settings & { default?: string[] }): Option<string[]> =>
    make<string[]>(settings, 'list', {
      allowed: 'separated by commas',
      parse: (text) => {
        const items = text.split(',').map((item) => item.trim());
        return items.includes('') ? refuse('a list with an empty entry') : accept(items);
      },
      format: (items) => items.join(','),
    }),

  /** A URL of one of the given schemes (`['https']`). A password in it is masked wherever it is shown. */
  url: (settings: Settings & { schemes: readonly string[]; default?: string }): Option<string> =>
    make<string>(settings, 'URL', {
      allowed: settings.schemes.map((scheme) => `${scheme}://…`).join(', '),
      parse: (text) => {
        if (!URL.canParse(text)) return refuse('not a URL');
        const scheme = new URL(text).protocol.slice(0, -1);
        return settings.schemes.includes(scheme)
          ? accept(text)
          : refuse(`a URL of the scheme ${scheme}, not ${settings.schemes.join(' or ')}`);
      },
      mask: maskUrl,
    }),

  /** The same, or undefined when it is not set. */
  optionalUrl: (settings: Settings & { schemes: readonly string[] }): Option<string | undefined> => ({
    ...option.url(settings),
    required: false,
  }),

  /** The path of the file that a secret of the same table comes from, or undefined when it comes from no file. */
  fileOf: (secret: { env: string }): Option<string | undefined> => ({
    ...option.optionalString({ env: `${secret.env}_FILE`, help: `File with ${secret.env}.` }),
    fileOf: secret.env,
  }),

  /** A type of the service's own. `type` names it for people; `parse` gives the value or the reason why not. */
  custom: <T>(
    settings: Settings & {
      type: string;
      parse: (text: string) => Parsed<T>;
      default?: T;
      allowed?: string;
      format?: (value: T) => string;
    },
  ): Option<T> => make<T>(settings, settings.type, settings),
};

interface Rules<T> {
  parse: (text: string) => Parsed<T>;
  allowed?: string | undefined;
  format?: (value: T) => string;
  mask?: (value: T) => unknown;
}

function make<T>(settings: Settings & { default?: T }, type: string, rules: Rules<T>): Option<T> {
  const secret = settings.secret ?? false;
  return {
    env: settings.env,
    help: settings.help,
    type,
    unit: settings.unit,
    allowed: rules.allowed,
    secret,
    required: settings.default === undefined,
    default: settings.default,
    parse: rules.parse,
    format: rules.format ?? String,
    mask: rules.mask ?? ((value) => (secret ? MASK : value)),
  };
}

function integer(settings: Settings & Range & { default?: number }): Option<number> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = settings;
  const allowed = rangeText(settings);
  return make(settings, 'integer', {
    allowed,
    parse: (text) => {
      if (text.startsWith('tcp://')) return refuse(SERVICE_LINK);
      const value = Number(text);
      if (!/^[+-]?\d+$/.test(text.trim()) || !Number.isSafeInteger(value)) return refuse('not a whole number');
      return value < min || value > max ? refuse('out of range') : accept(value);
    },
  });
}

function rangeText({ min, max: limit }: Range): string | undefined {
  const max = limit === Number.MAX_SAFE_INTEGER ? undefined : limit;
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (min !== undefined) return `${min} or more`;
  return max === undefined ? undefined : `${max} or less`;
}

function accept<T>(value: T): Parsed<T> {
  return { success: true, value };
}

function refuse(reason: string): { success: false; reason: string } {
  return { success: false, reason };
}
