// `npm run docs`: makes the parts of the documentation anew that come from the code. A test fails while they are old.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedParts, withGenerated } from './docs/generated.ts';
import { root } from './tools.ts';

const parts = await generatedParts();
for (const path of globSync(['*.md', 'docs/**/*.md'], { cwd: root })) {
  const file = join(root, path);
  const before = readFileSync(file, 'utf8');
  const after = withGenerated(before, parts);
  if (after === before) continue;
  writeFileSync(file, after);
  console.log(`Wrote ${path}.`);
}
