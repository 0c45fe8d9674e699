export { detectProvider } from './detect-provider.ts';
export { freePort } from './free-ports.ts';
export { guard, release, type Ward } from './guardian/guardian.ts';
export { tryLock, unlock } from './lock.ts';
export { removeStackData } from './remove-stack-data.ts';
export { prepareStack, startStack } from './start-stack.ts';
export * from './stack.ts';
export * from './testing/index.ts';
export * from './versions.ts';
