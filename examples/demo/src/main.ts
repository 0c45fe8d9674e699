import { parseArguments, usage } from './arguments.ts';
import { EXIT } from './exit-codes.ts';
import { runDemo } from './run-demo.ts';
import { stopOnSignals } from './stop-on-signals.ts';

const result = parseArguments(process.argv.slice(2));
if (!result.success) {
  process.stderr.write(`${result.problems.join('\n')}\n\n${usage}`);
  process.exit(EXIT.usage);
}
if (result.help) {
  process.stdout.write(usage);
  process.exit(EXIT.ok);
}
// Ended here, and not by an empty event loop: a start that was interrupted may have left something pending.
process.exit(await runDemo(result.options, stopOnSignals()));
