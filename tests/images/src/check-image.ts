import assert from 'node:assert/strict';
import { ask } from '../../../scripts/images/engine.ts';
import { withImageFiles } from '../../../scripts/images/image-files.ts';
import { installedManifests } from '../../../scripts/images/read-content.ts';
import type { Bill } from '../../../scripts/images/complete-bill.ts';
import { nameOf } from '../../../scripts/images/complete-bill.ts';
import type { Source } from '../../../scripts/images/source.ts';
import { filesOf } from './files-of.ts';

interface Inspected {
  Size: number;
  Config: {
    User: string;
    Entrypoint: string[];
    Healthcheck?: { Test: string[] };
    Labels: Record<string, string>;
  };
}

/** What an image must not have: whatever installs, compiles or interprets, but Node.js. */
const TOOLS =
  /^\/(usr\/)?(local\/)?(s?bin|lib\/node_modules|lib\/git-core)\/(npm|npx|corepack|pnpm|yarn\w*|apt[\w-]*|dpkg[\w-]*|sh|bash|dash|busybox|perl|python\S*|gcc\S*|g\+\+\S*|cc|ld|make|curl|wget|git)( |\/)/;

const MAX_MEGABYTES = 250;

/** Everything that can be said about an image from outside; returns its size in megabytes. */
export async function checkImage(engine: string, image: string, source: Source): Promise<number> {
  const [{ Size: size, Config: config }] = JSON.parse(ask(engine, ['image', 'inspect', image])) as [Inspected];
  assert(size / 1e6 < MAX_MEGABYTES, `${image} has ${size} bytes`);
  assert.match(config.User, /^[1-9]\d*:[1-9]\d*$/);
  assert.equal(config.Entrypoint[0], 'node', 'node must be process 1, or SIGTERM would not reach it');
  if (!image.includes('cli')) assert.deepEqual(config.Healthcheck?.Test, ['CMD', 'node', '/app/healthcheck.mjs']);
  assert.equal(config.Labels['org.opencontainers.image.revision'], source.revision);
  assert.equal(config.Labels['org.opencontainers.image.version'], source.version);
  await withImageFiles(engine, image, (folder) => {
    const files = filesOf(folder);
    assert.deepEqual(
      files.filter((file) => TOOLS.test(file)),
      [],
    );
    const [setId, otherTime] = [/^\S+ 10[2467]\d{3} /, /^\S+ \d+ (?!0 )/];
    assert.deepEqual(
      files.filter((file) => setId.test(file)),
      [],
    );
    assert.deepEqual(
      files.filter((file) => otherTime.test(file)),
      [],
    );
    assert(
      files.some((file) => file.startsWith('/var/lib/dpkg/status.d/libc6 ')),
      'scanners must know the C library',
    );
  });
  return size / 1e6;
}

/** The bill of materials names every package that lies in the image, and no other. */
export async function checkBill(engine: string, image: string, bill: Bill): Promise<number> {
  const named = bill.components.filter(({ purl }) => purl?.startsWith('pkg:npm/') === true);
  await withImageFiles(engine, image, (folder) => {
    const installed = installedManifests(folder);
    assert.deepEqual(
      identities(named.map((part) => [nameOf(part), part.version])),
      identities(installed.map(({ name, version }) => [name, version])),
    );
    assert.deepEqual(
      identities(named.filter(({ licenses }) => licenses === undefined).map((part) => [nameOf(part), part.version])),
      identities(installed.filter(({ license }) => license === undefined).map(({ name, version }) => [name, version])),
      'a licence that a package declares must be in the bill',
    );
  });
  for (const other of ['pkg:generic/node@', 'pkg:deb/debian/libc6@', 'pkg:deb/debian/libstdc%2B%2B6@'])
    assert(
      bill.components.some(({ purl }) => purl?.startsWith(other)),
      `the bill has no ${other}`,
    );
  return bill.components.length;
}

function identities(packages: (readonly [name: string, version: string])[]): string[] {
  return [...new Set(packages.map(([name, version]) => `${name}@${version}`))].toSorted();
}

/** Two builds from one source hold the same files; `again` is the second. */
export async function checkSame(engine: string, image: string, again: string): Promise<number> {
  const [first, second] = await Promise.all(
    [image, again].map((reference) => withImageFiles(engine, reference, filesOf)),
  );
  assert.deepEqual(second, first);
  return first?.length ?? 0;
}
