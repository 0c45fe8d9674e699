export { ANSWERS, type Answer, type AnswerCode, type Problem } from './answers.ts';
export { ingestOptions, type IngestConfig } from './config.ts';
export { createIngest, type Ingest, type IngestOverrides } from './create-ingest.ts';
export type { Source } from './sources/source.ts';
