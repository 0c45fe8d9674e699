import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { messageOf } from './message-of.ts';

export interface LoadSettings {
  /** Relative paths and packages are found from here. */
  from?: string;
  timeoutMs?: number;
}

export type LoadedModule =
  /** Its default export; undefined where it has none. */
  | { success: true; exported: unknown }
  /** A sentence each, for whoever has written or configured the module. */
  | { success: false; problems: string[] };

/** Evaluating a module takes milliseconds: one that waits at its top level for longer waits for something else. */
const LOAD_MS = 30_000;

/**
 * The default export of a user's module. It is evaluated, so that what it does at its top level is done.
 *
 * @param specifier a path (also of a .ts file, which Node strips of its types), or the name of a package
 */
export async function loadModule(specifier: string, settings: LoadSettings = {}): Promise<LoadedModule> {
  const { from = process.cwd(), timeoutMs = LOAD_MS } = settings;
  try {
    const found = find(specifier, from);
    if (!found.success) return found;
    const module = await within(timeoutMs, import(found.url) as Promise<{ default?: unknown }>);
    return { success: true, exported: module.default };
  } catch (error) {
    return refused(`It cannot be loaded: ${messageOf(error)}`);
  }
}

const refused = (problem: string): { success: false; problems: string[] } => ({ success: false, problems: [problem] });

function find(
  specifier: string,
  from: string,
): { success: true; url: string } | { success: false; problems: string[] } {
  const isPath = /^\.{0,2}[/\\]|^file:|\.[cm]?[jt]s$/.test(specifier) || isAbsolute(specifier);
  if (isPath) {
    const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(from, specifier);
    if (existsSync(path)) return { success: true, url: pathToFileURL(path).href };
    return refused(`There is no file ${path}.`);
  }
  try {
    const path = createRequire(resolve(from, 'package.json')).resolve(specifier);
    return { success: true, url: pathToFileURL(path).href };
  } catch (error) {
    return refused(`No such package is installed in ${from}: ${messageOf(error)}`);
  }
}

async function within<T>(timeoutMs: number, loading: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const tooLong = delay(timeoutMs, undefined, { signal: settled.signal }).then(() => {
    throw new Error(`it has not finished within ${timeoutMs} ms; what does it wait for at its top level?`);
  });
  try {
    return await Promise.race([loading, tooLong]);
  } finally {
    tooLong.catch(() => {});
    settled.abort();
  }
}
