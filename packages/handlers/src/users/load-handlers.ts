import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { DeliveryHandler, Handler, SliceHandler } from '../handler.ts';
import { eventProblem } from '../events/event-problem.ts';
import { handlerProblems } from '../handler-problems.ts';
import { handlers as define, type Registry } from './handlers.ts';

export type LoadedHandlers =
  | { success: true; handlers: Handler[] }
  /** A sentence each, for whoever has written or configured the module. */
  | { success: false; problems: string[] };

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
  const read = readExport((exported as { default?: unknown }).default);
  if (!read.success) return read;
  const problems = [
    ...handlerProblems([...besides, ...read.handlers]),
    ...read.handlers.flatMap(({ name, on }) =>
      on.flatMap((pattern) => {
        const problem = eventProblem(pattern);
        return problem === null ? [] : [`Handler ${name}: ${problem}`];
      }),
    ),
  ];
  return problems.length === 0 ? read : { success: false, problems };
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

function readExport(exported: unknown): LoadedHandlers {
  if (exported === undefined) return refused('It has no default export: export default handlers(({ on }) => { … }).');
  let given: unknown = exported;
  if (typeof exported === 'function') {
    try {
      given = define(exported as (registry: Registry) => void);
    } catch (error) {
      return refused(`Its handlers cannot be registered: ${messageOf(error)}`);
    }
  }
  const listed: unknown[] = Array.isArray(given) ? given.flat() : [given];
  const wrong = listed.findIndex((handler) => !isHandler(handler));
  if (wrong >= 0) {
    return refused(
      `Its default export is no list of handlers${Array.isArray(given) ? ` (see entry ${wrong})` : ''}: export what ` +
        'handlers(({ on }) => { … }) returns, or a list of such.',
    );
  }
  if (listed.length === 0) return refused('Its default export has no handlers.');
  return { success: true, handlers: listed as Handler[] };
}

function isHandler(value: unknown): value is Handler {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, name, on, policy, run, runSlice } = value as Partial<
    Record<keyof (DeliveryHandler & SliceHandler), unknown>
  >;
  const runs = kind === 'delivery' ? run : kind === 'slice' ? runSlice : undefined;
  const patterns = Array.isArray(on) && on.length > 0 && on.every((pattern) => typeof pattern === 'string');
  const hasPolicy = policy === undefined || (typeof policy === 'object' && policy !== null);
  return typeof name === 'string' && patterns && hasPolicy && typeof runs === 'function';
}

/** One line, also where Node shows the source. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return message.replaceAll(/\s*\n\s*/g, ' ');
}
