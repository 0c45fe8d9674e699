import type { ConfigOf, OptionTable } from './option.ts';

/** Stands where a secret is. */
export const MASK = '***';

/** The configuration as logs may show it: secrets as `***`, URLs without their password, all else as it is. */
export function maskedConfig<T extends OptionTable>(table: T, config: ConfigOf<T>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table).map(([name, option]) => {
      const value = config[name as keyof T];
      return [name, value === undefined ? undefined : option.mask(value)];
    }),
  );
}

/** The URL with its password, also one in the query, as `***`; `***` alone for what is no URL. */
export function maskUrl(text: string): string {
  // `user:password@host` is a URL too, of the scheme `user`.
  if (!text.includes('://') || !URL.canParse(text)) return MASK;
  const url = new URL(text);
  if (url.password !== '') url.password = MASK;
  for (const name of new Set(url.searchParams.keys())) {
    if (/password|secret|token/i.test(name)) url.searchParams.set(name, MASK);
  }
  return url.href;
}
