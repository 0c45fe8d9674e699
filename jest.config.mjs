// Run under Node 24 with `--conditions=source --experimental-vm-modules`; `npm test` does (scripts/test.ts).
export default {
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/scripts/jest/strip-types.mjs' },
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  globalSetup: '<rootDir>/packages/local-stack/src/testing/global-setup.ts',
  globalTeardown: '<rootDir>/packages/local-stack/src/testing/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/scripts/jest/take-coverage.mjs'],
  maxWorkers: 2,
  // Of tests of one file that say they may run beside each other.
  maxConcurrency: 2,
  // Also for hooks: the first to ask waits until the stack has started, on a busy machine for a minute.
  testTimeout: 180_000,
};
