import { InvalidArgumentError } from 'commander';

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A point in time: ISO 8601, or so long ago (`90m`, `2h`, `3d`). */
export function parseTime(text: string): Date {
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const ms = unit ? Date.now() - Number(count) * (UNITS[unit] as number) : Date.parse(text);
  if (!Number.isNaN(ms) && (unit || /^\d{4}-\d\d-\d\d/.test(text))) return new Date(ms);
  throw new InvalidArgumentError('It must be a time, as 2026-01-31T12:00:00Z, or how long ago, as 90m, 2h or 3d.');
}
