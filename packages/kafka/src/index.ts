export * from './consume/index.ts';
export * from './client/create-kafka.ts';
export * from './registry/create-schema-registry.ts';
export type { Decoded } from './registry/delivery-codec.ts';
export type { RegistrySettings } from './registry/registry-client.ts';
export * from './topics/check-topic.ts';
export * from './topics/create-topic.ts';
export * from './append/create-delivery-log.ts';
export * from './append/delivery-log.ts';
