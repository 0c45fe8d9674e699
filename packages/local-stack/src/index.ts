export { detectProvider } from './detect-provider.ts';
export { removeStackData } from './remove-stack-data.ts';
export { prepareStack, startStack } from './start-stack.ts';
export * from './stack.ts';
export * from './testing/index.ts';
export * from './versions.ts';
