import { settingProblems } from './check-settings.ts';
import { processorOptions, type ProcessorConfig } from './config.ts';

/** How `runService` reads, checks and uses the settings of a processor, whichever handlers it has. */
export const processorSettings = {
  options: processorOptions,
  validate: settingProblems,
  watchdogMs: ({ watchdogMs }: ProcessorConfig): number => watchdogMs,
};
