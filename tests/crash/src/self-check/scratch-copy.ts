import { cp, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, sep } from 'node:path';
import { guard, release, type Ward } from '@hookline/local-stack';

export interface ScratchCopy {
  root: string;
  remove(): Promise<void>;
}

/** What services, programs and the command line are made of. */
const PARTS = [
  'package.json',
  'pnpm-workspace.yaml',
  'migrations',
  'packages',
  'services',
  'tests/crash',
  'tests/support',
];
const LEFT_OUT = new Set(['dist', 'coverage']);

/**
 * The sources of a checkout in a directory of their own, to be damaged. Links of the workspace are relative, and so lead
 * to the copy's packages; what is not ours is the checkout's, by one link.
 *
 * @throws when a package of the copy would be loaded from anywhere else: what is run then is not what is damaged
 */
export async function copyCheckout(from: string): Promise<ScratchCopy> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'hookline-self-check-')));
  const ward: Ward = { kind: 'path', id: root };
  guard(ward);
  const copy: ScratchCopy = {
    root,
    async remove() {
      await rm(root, { recursive: true, force: true });
      release(ward);
    },
  };
  try {
    for (const part of PARTS) {
      await cp(join(from, part), join(root, part), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (source) => !LEFT_OUT.has(basename(source)),
      });
    }
    await symlink(join(from, 'node_modules'), join(root, 'node_modules'));
    const foreign = await foreignPackages(root);
    if (foreign.length > 0) throw new Error(`The copy would load from elsewhere:\n${foreign.join('\n')}`);
    return copy;
  } catch (error) {
    await copy.remove();
    throw error;
  }
}

/** Links to packages of the workspace that lead out of a checkout. */
async function foreignPackages(root: string): Promise<string[]> {
  const folders = ['packages', 'services', 'tests'];
  const members = await Promise.all(
    folders.map(async (folder) => (await readdir(join(root, folder))).map((name) => join(root, folder, name))),
  );
  const links = await Promise.all(
    members.flat().map(async (member) => {
      const scope = join(member, 'node_modules/@hookline');
      return (await readdir(scope).catch(() => [])).map((name) => join(scope, name));
    }),
  );
  if (links.flat().length === 0) throw new Error(`There are no links between packages in ${root}.`);
  const led = await Promise.all(links.flat().map(async (link) => ({ link, to: await realpath(link) })));
  return led.filter(({ to }) => !to.startsWith(root + sep)).map(({ link, to }) => `${link} is ${to}`);
}
