import { readFileSync } from 'node:fs';
import { typeText } from './facts.ts';
import { fileVariables } from './file-variables.ts';
import { misspelled } from './misspelled.ts';
import type { ConfigOf, Option, OptionTable, Parsed } from './option.ts';

export type ConfigResult<T extends OptionTable> =
  | { success: true; config: ConfigOf<T> }
  | { success: false; errors: string[]; /** The values that are right. */ partial: Partial<ConfigOf<T>> };

/**
 * The configuration that the environment gives. Every bad value is named at once, with what is allowed; a bad value
 * never becomes the default. A variable set to the empty string counts as not set. Variables that nobody knows are
 * an error when they look like a misspelled one of ours, and ignored otherwise, since services share environments.
 *
 * @param readFile reads the file that `<env>_FILE` names
 */
export function readConfig<T extends OptionTable>(
  table: T,
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): ConfigResult<T> {
  const files = fileVariables(table);
  const config: Record<string, unknown> = {};
  const errors: string[] = [];
  for (const [name, option] of Object.entries(table)) {
    const file = files.get(option.env);
    const path = file && environment[file];
    const result = path
      ? readFromFile(option, file, path, environment[option.env], readFile)
      : parse(option, `${option.env} is`, 'not set', environment[option.env]);
    if (result.success) config[name] = result.value;
    else errors.push(result.reason);
  }
  const known = [...Object.values(table).map(({ env }) => env), ...files.values()];
  errors.push(...misspelled(known, Object.keys(environment)));
  if (errors.length === 0) return { success: true, config: config as ConfigOf<T> };
  return { success: false, errors, partial: config as Partial<ConfigOf<T>> };
}

function readFromFile(
  option: Option<unknown>,
  file: string,
  path: string,
  direct: string | undefined,
  readFile: (path: string) => string,
): Parsed<unknown> {
  if (direct) return refuse(`${option.env} and ${file} are both set: keep one of them.`);
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    return refuse(`${file} names a file that cannot be read: ${(error as Error).message}.`);
  }
  return parse(option, `The file that ${file} names is`, 'empty', text.replace(/\r?\n$/, ''));
}

/** @param subject opens the message: whose value is judged, and "is" */
function parse(option: Option<unknown>, subject: string, absent: string, text: string | undefined): Parsed<unknown> {
  if (!text) {
    return option.required
      ? refuse(`${subject} ${absent}, and has no default: ${option.help}`)
      : { success: true, value: option.default };
  }
  const parsed = option.parse(text);
  if (parsed.success) return parsed;
  const shown = option.secret ? '' : `${JSON.stringify(text)}, `;
  return refuse(`${subject} ${shown}${parsed.reason}; wanted: ${typeText(option)}.`);
}

function refuse(reason: string): { success: false; reason: string } {
  return { success: false, reason };
}
