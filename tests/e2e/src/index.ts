/** What other tests of the whole system begin with. */
export { startLoad, type Load } from './system/load.ts';
export { createServices, RELAY, SECRET, TEST_SETTINGS, type System } from './system/start-system.ts';
export type { GithubDelivery } from './traffic/github-delivery.ts';
export { countAudit, readAudit, untilCaughtUp } from './verify/read-state.ts';
