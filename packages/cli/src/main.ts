import { outliveReaders, processOutput } from './output.ts';
import { runProgram } from './program.ts';

outliveReaders(process.stdout, process.stderr);
process.exitCode = await runProgram(process.argv.slice(2), processOutput);
