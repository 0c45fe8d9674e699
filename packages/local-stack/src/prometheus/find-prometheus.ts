import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../cache.ts';
import { tail } from '../log-tail.ts';
import { run } from '../processes/run.ts';
import { StackError } from '../stack-error.ts';

/** What to start Prometheus' two programs by: names on the PATH, or paths. */
export interface PrometheusPrograms {
  prometheus: string;
  promtool: string;
}

export type FoundPrometheus = { success: true; programs: PrometheusPrograms } | { success: false; reason: string };

/**
 * What is on the PATH, else Debian's package, which is downloaded once and unpacked in the cache. Where neither is to be had,
 * the reason: a test then says that it was skipped, and why.
 */
export async function findPrometheus(): Promise<FoundPrometheus> {
  const installed = { prometheus: 'prometheus', promtool: 'promtool' };
  const versions = await Promise.all(Object.values(installed).map((program) => run(program, ['--version'])));
  if (versions.every(({ code }) => code === 0)) return { success: true, programs: installed };
  if ((await run('apt-get', ['--version'])).code !== 0) {
    return { success: false, reason: 'no prometheus on the PATH, and no apt-get that could download it' };
  }
  try {
    const directory = await cached('prometheus-debian', unpackPackage);
    const program = (name: string) => join(directory, 'usr', 'bin', name);
    return { success: true, programs: { prometheus: program('prometheus'), promtool: program('promtool') } };
  } catch (error) {
    return { success: false, reason: (error as Error).message };
  }
}

/** It is not installed: nothing but the cache is written, and no right is needed. */
async function unpackPackage(directory: string): Promise<void> {
  const lists = join(directory, 'lists');
  let download = await run('apt-get', ['download', 'prometheus'], { cwd: directory, guarded: true });
  if (download.code !== 0) {
    // The machine's own lists are missing or old.
    await mkdir(join(lists, 'partial'), { recursive: true });
    const own = ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${lists}`];
    await run('apt-get', [...own, 'update'], { cwd: directory, guarded: true });
    download = await run('apt-get', [...own, 'download', 'prometheus'], { cwd: directory, guarded: true });
  }
  const archive = (await readdir(directory)).find((file) => file.endsWith('.deb'));
  if (archive === undefined) throw new StackError(`Downloading Debian's prometheus failed:${tail(download.output)}`);
  const unpacked = await run('dpkg', ['-x', join(directory, archive), directory]);
  if (unpacked.code !== 0) throw new StackError(`Unpacking ${archive} failed:${tail(unpacked.output)}`);
  await Promise.all([join(directory, archive), lists].map((path) => rm(path, { recursive: true, force: true })));
}
