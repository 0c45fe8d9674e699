export { createKindRegistry, type KindRegistry } from './kinds/kind-registry.ts';
