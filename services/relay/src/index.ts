export { relayOptions, type RelayConfig } from './config.ts';
export { createRelay, type RelayOverrides } from './create-relay.ts';
export { relaySettings } from './relay-settings.ts';
