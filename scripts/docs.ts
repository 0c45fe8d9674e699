// `npm run docs`: makes the parts of the documentation anew that come from the code. A test fails while they are old.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardFiles } from './dashboards/dashboards.ts';
import { curveFiles } from './docs/curves.ts';
import { generatedParts, withGenerated } from './docs/generated.ts';
import { chartFiles } from './helm/chart-files.ts';
import { root } from './tools.ts';

const parts = await generatedParts();
for (const path of globSync(['*.md', 'docs/**/*.md', 'infra/**/*.md'], { cwd: root })) {
  const file = join(root, path);
  const before = readFileSync(file, 'utf8');
  const after = withGenerated(before, parts);
  if (after === before) continue;
  writeFileSync(file, after);
  console.log(`Wrote ${path}.`);
}
for (const [path, text] of [...chartFiles(), ...dashboardFiles(), ...curveFiles()]) {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  writeFileSync(file, text);
  console.log(`Wrote ${path}.`);
}
