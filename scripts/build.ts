// `npm run build`: the `dist` folders of all packages and services, which images and measurements run from.
import { globSync } from 'node:fs';
import { root, runTool } from './tools.ts';

const began = performance.now();
// `npm run build -- --clean` deletes them again: whatever follows is handed to tsc.
const projects = globSync('{packages,services}/*/tsconfig.json', { cwd: root });
const { ok, output } = await runTool({
  path: 'typescript/bin/tsc',
  args: ['-b', ...projects, ...process.argv.slice(2)],
});
if (output !== '') console.log(output.trim());
console.log(`${ok ? 'Built' : 'Building failed'} in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
process.exitCode = ok ? 0 : 1;
