import type { Option } from './option.ts';

/** The default as one would write it in the environment; null when there is none. */
export function defaultText(option: Option<unknown>): string | null {
  if (option.default === undefined) return null;
  return option.secret ? String(option.mask(option.default)) : option.format(option.default);
}

/** Type, unit and allowed values in a phrase: "integer, ms, 1 to 60000". */
export function typeText({ type, unit, allowed }: Option<unknown>): string {
  return [type, unit, allowed].filter((part) => part !== undefined).join(', ');
}
