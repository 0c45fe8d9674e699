import stars from './stars.ts';
import sync from './sync.ts';
import welcome from './welcome.ts';

// HOOKLINE_HANDLERS_MODULE=examples/handlers/src/index.ts
export default [welcome, stars, sync];
