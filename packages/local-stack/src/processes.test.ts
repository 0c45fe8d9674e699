import { leftOut } from './contract/left-out.ts';
import { stackContract } from './contract/stack-contract.ts';
import { missingTool } from './processes/index.ts';
import { testProvider } from './testing/environment.ts';

// Decided before the suites are made: a machine without Java shows as left out, not as passed.
const missing = testProvider() === 'containers' ? 'the run is on containers' : await missingTool();

if (missing === undefined) stackContract('processes');
else leftOut('processes', missing);
