import type { OptionTable } from './option.ts';

/**
 * The variable that can name a mounted file instead, for each secret's variable: `<env>_FILE`. A table may define
 * that name as an option of its own, which then means what the table says.
 */
export function fileVariables(table: OptionTable): ReadonlyMap<string, string> {
  const options = Object.values(table).filter(({ fileOf }) => fileOf === undefined);
  const taken = new Set(options.map(({ env }) => env));
  return new Map(
    options.filter(({ secret, env }) => secret && !taken.has(`${env}_FILE`)).map(({ env }) => [env, `${env}_FILE`]),
  );
}
