import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { root } from '../tools.ts';
import { TARGETS } from './targets.ts';
import { workspaceClosure } from './workspace-closure.ts';

const dockerfile = readFileSync(join(root, 'infra/docker/Dockerfile'), 'utf8');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

// What would only be found when somebody builds the images, which takes minutes and an engine: `npm run test:images`.
describe('the Dockerfile', () => {
  it('copies the manifest of every package that the images need, and of no other', () => {
    const copied = [...dockerfile.matchAll(/^COPY (\S+)\/package\.json \S+$/gm)].map(([, folder]) => folder);
    const needed = new Set(TARGETS.flatMap(({ folder }) => workspaceClosure(root, folder)));
    expect(copied).toEqual([...needed].toSorted());
  });

  it('has a target for every image, which runs its program as process 1', () => {
    for (const { name, folder } of TARGETS) {
      const target = new RegExp(`^FROM base AS ${name}$(.*?)^(?=FROM )`, 'ms').exec(`${dockerfile}\nFROM `)?.[1];
      expect(target).toContain(`COPY --from=build /out/${name}/ /`);
      expect(target).toContain(
        `ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "/app/${folder}/dist/main.js"]`,
      );
      expect(readFileSync(join(root, folder, 'src/main.ts'), 'utf8')).not.toBe('');
    }
    expect([...dockerfile.matchAll(/^FROM base AS (\w+)$/gm)].map(([, name]) => name)).toEqual(
      TARGETS.map(({ name }) => name),
    );
  });

  it('needs no BuildKit, and uses no shell in an image', () => {
    expect(dockerfile).not.toMatch(/--mount|--link|--chmod|--parents|<<|^# syntax/m);
    const images = dockerfile.slice(dockerfile.indexOf('FROM scratch'));
    expect(images).not.toMatch(/^(RUN|ADD) /m);
    for (const [, form] of images.matchAll(/^(?:ENTRYPOINT|CMD|HEALTHCHECK.* CMD) (.)/gm)) expect(form).toBe('[');
    expect(images).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  });
});

describe('the example of a processor with handlers', () => {
  it('begins from this release, and is what the documentation shows', () => {
    const example = readFileSync(join(root, 'examples/handlers/Dockerfile'), 'utf8');
    const page = readFileSync(join(root, 'docs/operating/images.md'), 'utf8');
    expect(page).toContain(`\`\`\`dockerfile\n${example.replace(/^#.*\n/, '')}\`\`\`\n`);
    expect(page.match(/hookline\/processor:\S+/g)).toEqual(
      Array.from({ length: 4 }, () => `hookline/processor:${version}`),
    );
    expect(example).toContain(`FROM hookline/processor:${version}\n`);
  });
});

describe('the health check of the images', () => {
  const check = async (environment: Record<string, string>, ...args: string[]) => {
    const child = spawn(process.execPath, [join(root, 'infra/docker/healthcheck.mjs'), ...args], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [told, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    return { code, told };
  };

  it('is 0 when /livez, or the path that it is given, answers 200, and 1 when it does not', async () => {
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/livez' ? 200 : 503).end(`this is ${request.url}`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = String((server.address() as AddressInfo).port);
    try {
      expect(await check({ HOOKLINE_OPERATIONS_PORT: port })).toEqual({ code: 0, told: 'this is /livez' });
      expect(await check({ HOOKLINE_OPERATIONS_PORT: port, HOOKLINE_OPERATIONS_HOST: '0.0.0.0' }, '/readyz')).toEqual({
        code: 1,
        told: 'this is /readyz',
      });
    } finally {
      server.close();
    }
    expect(await check({ HOOKLINE_OPERATIONS_PORT: port })).toEqual({
      code: 1,
      told: expect.stringMatching(/^\/livez does not answer: .*ECONNREFUSED/),
    });
  });
});
