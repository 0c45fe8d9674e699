/** What a stack consists of, the same by both providers. */
export const KAFKA_VERSION = '4.4.0';
export const REGISTRY_VERSION = '3.0.9';
export const POSTGRES_VERSION = '18';
