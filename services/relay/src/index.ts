export { createKindRegistry, type KindRegistry } from './kinds/kind-registry.ts';
export { createHttpKinds, httpProblems } from './kinds/http/create-http-kinds.ts';
export { httpOptions } from './kinds/http/http-options.ts';
