import type { Handler } from '../handler.ts';
import { loadModule, type LoadSettings } from './load-module.ts';
import { readExport, type LoadedHandlers } from './read-export.ts';

interface Settings extends LoadSettings {
  /** Handlers that there are besides: no name may be one of theirs. */
  besides?: readonly Handler[];
}

/**
 * The handlers of a user's module: its default export is what `handlers(…)` returned, several of those in a list, or the
 * function that would be given to `handlers`. As with {@link loadModule}.
 */
export async function loadHandlers(specifier: string, settings: Settings = {}): Promise<LoadedHandlers> {
  const { besides = [], ...load } = settings;
  const loaded = await loadModule(specifier, load);
  return loaded.success ? readExport(loaded.exported, besides) : loaded;
}
