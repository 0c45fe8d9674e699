export { repositoryActivity } from './built-in/repository-activity.ts';
export { processorOptions, type ProcessorConfig } from './config.ts';
export { createProcessor, type ProcessorOverrides } from './create-processor.ts';
export { processorSettings } from './processor-settings.ts';
