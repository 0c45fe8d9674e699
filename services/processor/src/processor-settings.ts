import { connectionProblems } from '@hookline/runtime';
import { routeProblems } from './built-in/route-handlers.ts';
import { settingProblems } from './check-settings.ts';
import { processorOptions, type ProcessorConfig } from './config.ts';

/** How `runService` reads, checks and uses the settings of a processor, whichever handlers it has. */
export const processorSettings = {
  options: processorOptions,
  validate: (config: Partial<ProcessorConfig>): string[] => [
    ...settingProblems(config),
    ...routeProblems(config),
    ...connectionProblems(config),
  ],
  watchdogMs: ({ watchdogMs }: ProcessorConfig): number => watchdogMs,
};
