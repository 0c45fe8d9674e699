import { loadHandlers, type Handler } from '@hookline/handlers';
import { repositoryActivity } from './built-in/repository-activity.ts';
import { processorOptions, type ProcessorConfig } from './config.ts';

const BUILT_IN: readonly Handler[] = [repositoryActivity];

/** The handlers of the module that is configured, loaded when the configuration is judged. */
export interface UsersHandlers {
  /** What is wrong with the module, a sentence each; none where none is configured. */
  load(config: Partial<ProcessorConfig>): Promise<string[]>;
  /** Those that are built in, and those that were loaded. */
  all(): Handler[];
}

export function createUsersHandlers(): UsersHandlers {
  let loaded: readonly Handler[] = [];
  return {
    async load({ handlersModule }) {
      if (handlersModule === undefined) return [];
      const result = await loadHandlers(handlersModule, { besides: BUILT_IN });
      if (result.success) loaded = result.handlers;
      const { env } = processorOptions.handlersModule;
      return result.success
        ? []
        : result.problems.map((problem) => `${env} is ${JSON.stringify(handlersModule)}: ${problem}`);
    },
    all: () => [...BUILT_IN, ...loaded],
  };
}
