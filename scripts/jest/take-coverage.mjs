// After each test file: has Node write what was covered so far. A worker that jest ends by a signal, because a test
// left a connection open, would otherwise lose all that it ran.
import { takeCoverage } from 'node:v8';
import { afterAll } from '@jest/globals';

if (process.env['NODE_V8_COVERAGE']) afterAll(() => takeCoverage());
