/** The provider that this run of tests uses, as `npm test` says it (packages/local-stack/src/testing/environment.ts). */
export function testProvider(): string {
  return process.env['HOOKLINE_TEST_PROVIDER'] || 'auto';
}
