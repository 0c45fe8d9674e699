import { dockerProblem } from './containers/engine.ts';
import { leftOut } from './contract/left-out.ts';
import { stackContract } from './contract/stack-contract.ts';
import { testProvider } from './testing/environment.ts';

// Decided before the suites are made: a machine without Docker shows as left out, not as passed. Where containers
// are asked for, their absence is a failure, not a reason to leave them out.
const provider = testProvider();
const problem = provider === 'processes' ? 'the run is on processes' : await dockerProblem();

if (problem === undefined || provider === 'containers') stackContract('containers');
else leftOut('containers', problem);
