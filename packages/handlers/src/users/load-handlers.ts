import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Handler } from '../handler.ts';
import { messageOf } from './message-of.ts';
import { readExport, refused, type LoadedHandlers } from './read-export.ts';

interface Settings {
  /** Handlers that there are besides: no name may be one of theirs. */
  besides?: readonly Handler[];
  /** Relative paths and packages are found from here. */
  from?: string;
  timeoutMs?: number;
}

/** Evaluating a module takes milliseconds: one that waits at its top level for longer waits for something else. */
const LOAD_MS = 30_000;

/**
 * The handlers of a user's module: its default export is what `handlers(…)` returned, several of those in a list, or the
 * function that would be given to `handlers`. It is evaluated, so that what it does at its top level is done.
 *
 * @param specifier a path (also of a .ts file, which Node strips of its types), or the name of a package
 */
export async function loadHandlers(specifier: string, settings: Settings = {}): Promise<LoadedHandlers> {
  const { besides = [], from = process.cwd(), timeoutMs = LOAD_MS } = settings;
  const found = find(specifier, from);
  if (!found.success) return found;
  let exported: unknown;
  try {
    exported = await within(timeoutMs, import(found.url) as Promise<{ default?: unknown }>);
  } catch (error) {
    return refused(`It cannot be loaded: ${messageOf(error)}`);
  }
  return readExport((exported as { default?: unknown }).default, besides);
}

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
