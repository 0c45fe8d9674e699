import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { buildArguments } from './build-arguments.ts';
import { completeBill } from './complete-bill.ts';
import type { Bill, Component } from './complete-bill.ts';
import { parseImages } from './parse-options.ts';
import { settleTimes } from './settle-times.ts';
import { TARGETS } from './targets.ts';

describe('what npm run images is asked for', () => {
  const options = (...args: string[]) => {
    const parsed = parseImages(args, '1.2.3');
    return parsed !== 'help' && parsed.success ? parsed.options : parsed;
  };

  it('is everything, tagged by the version, unless it is said', () => {
    expect(options()).toEqual({ targets: TARGETS, tags: ['1.2.3'], prefix: 'hookline/', push: false, sbom: true });
    expect(options('--target', 'cli', '--target', 'ingest', '--tag', 'a', '--tag', 'b', '--push', '--no-sbom')).toEqual(
      {
        targets: [TARGETS[0], TARGETS[3]],
        tags: ['a', 'b'],
        prefix: 'hookline/',
        push: true,
        sbom: false,
      },
    );
    expect(options('--help')).toBe('help');
  });

  it('is refused when it is wrong', () => {
    expect(options('--target', 'console')).toEqual({ success: false, reason: 'There is no target "console".' });
    expect(options('--tag', 'a b')).toEqual({ success: false, reason: '"a b" cannot be a tag.' });
    expect(options('--tags', 'a')).toMatchObject({ success: false, reason: expect.stringContaining('--tags') });
  });
});

describe('the build of an image', () => {
  it('is told the commit and its time, so that two builds of one commit are the same', () => {
    const source = { version: '1.2.3', revision: 'abc', epochSeconds: 1_700_000_000 };
    expect(buildArguments({ name: 'relay', folder: '' }, ['x/relay:1', 'x/relay:2'], source).join(' ')).toBe(
      'build --force-rm --file infra/docker/Dockerfile --target relay --build-arg VERSION=1.2.3 ' +
        '--build-arg REVISION=abc --build-arg CREATED=2023-11-14T22:13:20.000Z ' +
        '--build-arg SOURCE_DATE_EPOCH=1700000000 --tag x/relay:1 --tag x/relay:2 .',
    );
  });

  it('gives all files one time, and modes that depend on no umask', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hookline-times-'));
    try {
      mkdirSync(join(folder, 'a'));
      mkdirSync(join(folder, 'tmp'));
      writeFileSync(join(folder, 'a/text'), '');
      writeFileSync(join(folder, 'a/program'), '');
      symlinkSync('text', join(folder, 'a/link'));
      chmodSync(join(folder, 'a'), 0o700);
      chmodSync(join(folder, 'a/text'), 0o664);
      chmodSync(join(folder, 'a/program'), 0o700);
      chmodSync(join(folder, 'tmp'), 0o1777);
      settleTimes(folder);
      const look = (path: string) => {
        const { mode, mtimeMs } = lstatSync(join(folder, path));
        return [(mode & 0o7777).toString(8), mtimeMs / 1000];
      };
      expect(['.', 'a', 'a/text', 'a/program', 'tmp'].map(look)).toEqual(
        ['755', '755', '644', '755', '1777'].map((mode) => [mode, 0]),
      );
      expect(look('a/link')[1]).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the bill of materials of an image', () => {
  const part = (name: string, more: Partial<Component> = {}): Component => ({
    type: 'library',
    name,
    version: '1.0.0',
    purl: `pkg:npm/${name}@1.0.0`,
    'bom-ref': `pkg:npm/${name}@1.0.0`,
    ...more,
  });
  const apache = [{ license: { id: 'Apache-2.0' } }];
  const service = part('relay', { group: '@hookline', licenses: apache });
  const bill: Bill = {
    metadata: { component: service, tools: 'kept' },
    components: [part('pg'), part('core', { group: '@octokit' }), part('file'), part('odd')],
    dependencies: [{ ref: 'pkg:npm/relay@1.0.0', dependsOn: ['pkg:npm/pg@1.0.0'] }],
  };
  const complete = completeBill(bill, {
    image: 'hookline/relay',
    version: '1.2.3',
    runtime: { node: '24.0.0', openssl: '3.5.0', quic: '' },
    debian: [{ name: 'libstdc++6', version: '12.2.0-14', architecture: 'amd64' }],
    licences: new Map([
      ['pg@1.0.0', 'MIT'],
      ['@octokit/core@1.0.0', 'MIT OR Apache-2.0'],
      ['file@1.0.0', 'SEE LICENSE IN LICENSE'],
      ['relay@1.0.0', 'wrong'],
    ]),
  });
  const byName = (name: string) => complete.components.find((component) => component.name === name);

  it('is that of the image, with the service among its parts', () => {
    expect(complete.metadata).toMatchObject({
      tools: 'kept',
      component: { type: 'container', name: 'hookline/relay', version: '1.2.3', licenses: apache },
    });
    expect(byName('relay')).toEqual(service);
    expect(complete.dependencies[0]).toEqual({
      ref: 'hookline/relay@1.2.3',
      dependsOn: [
        'pkg:npm/relay@1.0.0',
        'pkg:generic/node@24.0.0',
        'pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64',
      ],
    });
    expect(complete.dependencies).toContainEqual(bill.dependencies[0]);
  });

  it('names Node.js with what is compiled into it, and the packages of Debian', () => {
    expect(byName('node')).toMatchObject({
      version: '24.0.0',
      cpe: 'cpe:2.3:a:nodejs:node.js:24.0.0:*:*:*:*:*:*:*',
      components: [{ name: 'openssl', version: '3.5.0' }],
    });
    expect(byName('libstdc++6')).toMatchObject({ purl: 'pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64' });
  });

  it('has the licences that packages declare, by id where they are one', () => {
    expect(byName('pg')?.licenses).toEqual([{ license: { id: 'MIT' } }]);
    expect(byName('core')?.licenses).toEqual([{ expression: 'MIT OR Apache-2.0' }]);
    expect(byName('file')?.licenses).toEqual([{ license: { name: 'SEE LICENSE IN LICENSE' } }]);
    expect(byName('odd')?.licenses).toBeUndefined();
  });
});
