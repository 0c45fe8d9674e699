export { ownStack } from './own-stack.ts';
export { secureStack, signToken } from './secure-stack.ts';
export { type TestDatabase, testDatabase } from './test-database.ts';
export { testStack } from './test-stack.ts';
export { type TestTopicOptions, testTopic } from './test-topic.ts';
