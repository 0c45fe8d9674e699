// Gathers the root file system of the images from that of node:24-bookworm-slim, in the image's build:
// `node runtime-root.ts OUT`. It takes Node.js and all libraries of the Debian packages that Node.js loads libraries of,
// with the records by which scanners know those packages.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { settleTimes } from './settle-times.ts';

const [out] = process.argv.slice(2);
if (out === undefined) throw new Error('Usage: runtime-root.ts OUT');

const loaded = run('ldd', process.execPath).match(/\/\S+(?= \()/g) ?? [];
const packages = [...new Set(loaded.map((library) => packageOf(library)))].toSorted();

copy(process.execPath, '/usr/local/bin/node');
for (const name of packages) {
  const files = run('dpkg-query', '-L', name).trim().split('\n');
  for (const file of files) {
    if (isLibrary(file)) copy(file, file.replace(/^\/lib(64)?\//, '/usr/lib$1/'));
  }
  copyLicence(`/usr/share/doc/${name.split(':')[0]}/copyright`);
  write(`/var/lib/dpkg/status.d/${name.split(':')[0]}`, run('dpkg-query', '-s', name));
}
// As in Debian: what is linked against /lib finds it below /usr.
for (const folder of ['lib', 'lib64']) {
  if (existsSync(join(out, 'usr', folder))) run('ln', '-s', `usr/${folder}`, join(out, folder));
}
copy(realpathSync('/etc/os-release'), '/usr/lib/os-release');
mkdirSync(join(out, 'etc'));
run('ln', '-s', '../usr/lib/os-release', join(out, 'etc/os-release'));
write('/etc/passwd', 'root:x:0:0:root:/:/nologin\nhookline:x:65532:65532:Hookline:/app:/nologin\n');
write('/etc/group', 'root:x:0:\nhookline:x:65532:\n');
write('/etc/nsswitch.conf', 'hosts: files dns\n');
mkdirSync(join(out, 'app'));
mkdirSync(join(out, 'tmp'));
run('chmod', '1777', join(out, 'tmp'));
settleTimes(out);

/** The Debian package of a library; the loader names it by a path that goes through /lib, which is a link. */
function packageOf(library: string): string {
  const path = realpathSync(library);
  const candidates = [path, path.replace(/^\/usr\//, '/'), library];
  for (const candidate of candidates) {
    try {
      return run('dpkg-query', '-S', candidate).split(': ')[0] ?? '';
    } catch {
      continue;
    }
  }
  throw new Error(`No Debian package is known to own ${library}.`);
}

function isLibrary(file: string): boolean {
  return /^(\/usr)?\/lib(64)?\/([^/]+-linux-gnu[^/]*\/)?[^/]+\.so(\.[^/]*)?$/.test(file);
}

/** Several packages share the folder of one: their own is a link to it. */
function copyLicence(file: string): void {
  if (existsSync(file)) write(file, readFileSync(file, 'utf8'));
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(join(out ?? '', to)), { recursive: true });
  cpSync(from, join(out ?? '', to), { verbatimSymlinks: true });
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(out ?? '', path)), { recursive: true });
  writeFileSync(join(out ?? '', path), text);
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
