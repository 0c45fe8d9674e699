import { loadHandlers, type Handler } from '@hookline/handlers';
import { repositoryActivity } from './built-in/repository-activity.ts';
import { processorOptions, type ProcessorConfig } from './config.ts';
import { policyProblems } from './liveness/liveness-options.ts';

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
    async load({ handlersModule, stuckMs, statementTimeoutMs }) {
      if (handlersModule === undefined) return [];
      const result = await loadHandlers(handlersModule, { besides: BUILT_IN });
      const named = `${processorOptions.handlersModule.env} is ${JSON.stringify(handlersModule)}`;
      if (!result.success) return result.problems.map((problem) => `${named}: ${problem}`);
      loaded = result.handlers;
      if (stuckMs === undefined || statementTimeoutMs === undefined) return [];
      return policyProblems(loaded, { stuckMs, statementTimeoutMs });
    },
    all: () => [...BUILT_IN, ...loaded],
  };
}
