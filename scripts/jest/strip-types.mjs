// Jest's transform: Node's own type stripping, so that a test runs the very bytes that production runs. Types become
// blanks, every offset stays, and coverage of jest and of child processes can be merged without source maps.
import { stripTypeScriptTypes } from 'node:module';

export default {
  process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
};
