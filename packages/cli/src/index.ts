export { createTopics, type CreatedTopic, type TopicConfig } from './create-topics.ts';
export { CLI_EXIT } from './exit-codes.ts';
export type { Output } from './output.ts';
export { runProgram } from './program.ts';
