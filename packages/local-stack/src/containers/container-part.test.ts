import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { guard, release } from '../guardian/guardian.ts';
import { containerPart, type ContainerPartOptions } from './container-part.ts';
import { connectDocker, dockerProblem } from './engine.ts';
import { hasImage, pullImage } from './images.ts';
import { containers } from './index.ts';

// What we ask of the engine and say about its answers: a listener speaks for it. That real servers then run, restart
// and go is what containers.test.ts shows wherever there is an engine.

interface Call {
  call: string;
  body: unknown;
}

let calls: Call[] = [];
let state = { Running: false, Paused: false, ExitCode: 0 };
const NAME = '/hookline';

/** The engine's answers, by method and path; what is not named is done and empty. */
const answers: [RegExp, () => [status: number, body?: unknown]][] = [
  [/^GET \/info$/, () => [200, { OperatingSystem: 'stand-in', ServerVersion: '28' }]],
  [/^GET \/images\/absent/, () => [404, { message: 'no such image' }]],
  [/^POST \/images\/create/, () => [500, { message: 'no route to host' }]],
  [/^GET \/images\/.*json$/, () => [200, { Config: {} }]],
  [/^POST \/containers\/create/, () => [201, { Id: 'id' }]],
  [/^POST \/containers\/id\/start$/, () => set({ Running: true })],
  [/^POST \/containers\/id\/(stop|kill)/, () => set({ Running: false })],
  [/^POST \/containers\/id\/pause$/, () => set({ Paused: true })],
  [/^POST \/containers\/id\/unpause$/, () => set({ Paused: false })],
  [/^POST \/containers\/id\/wait/, () => [200, { StatusCode: 137 }]],
  [/^GET \/containers\/id\/logs/, () => [200, '\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0010no space left']],
  [/^GET \/containers\/id\/json$/, () => [200, inspection()]],
  [/^GET \/containers\/json/, () => [200, [{ Id: 'left-over' }]]],
  [/^GET \/networks/, () => [200, [{ Id: 'its-network' }]]],
  [/^GET \/volumes/, () => [200, { Volumes: [{ Name: 'its-volume' }] }]],
  [/^POST \/(networks|volumes)\/create$/, () => [201, { Id: 'made', Name: 'made' }]],
];

function set(change: Partial<typeof state>): [number] {
  state = { ...state, ...change };
  return [204];
}

function inspection(): unknown {
  const Ports = { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '28080' }] };
  return {
    Id: 'id',
    Name: NAME,
    State: { ...state, Status: 'running' },
    Config: {},
    NetworkSettings: { Ports, Networks: {} },
  };
}

async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await json(request).catch(() => undefined);
  const call = `${request.method} ${request.url?.replace(/^\/v[\d.]+/, '')}`;
  calls.push({ call, body });
  const otherwise = request.method === 'DELETE' ? 204 : 200;
  const [status, answer] = answers.find(([pattern]) => pattern.test(call))?.[1]() ?? [otherwise];
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof answer === 'string' ? answer : answer === undefined ? '' : JSON.stringify(answer));
}

describe('a container', () => {
  const dockerHost = process.env['DOCKER_HOST'];
  let directory: string;
  let server: Server;
  let options: ContainerPartOptions;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hookline-engine-'));
    const socket = join(directory, 'docker.sock');
    server = createServer((request, response) => void reply(request, response));
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    process.env['DOCKER_HOST'] = `unix://${socket}`;
    const { docker } = await connectDocker();
    options = {
      docker,
      stackId: 'stack',
      name: 'registry',
      image: 'present:1',
      port: 28080,
      containerPort: 8080,
      environment: { A: 'b' },
      command: ['serve'],
      user: 'root',
      network: 'its-network',
      volume: { name: 'its-volume', target: '/data' },
      answers: async () => true,
    };
  });
  afterAll(async () => {
    if (dockerHost === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = dockerHost;
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(() => {
    calls = [];
    state = { Running: false, Paused: false, ExitCode: 0 };
  });

  const called = (pattern: RegExp): Call[] => calls.filter(({ call }) => pattern.test(call));

  it('is made with a fixed port on the loopback interface only, its label, its volume', async () => {
    expect(await dockerProblem()).toBeUndefined();
    await containerPart(options).start();
    const [creation] = called(/^POST \/containers\/create/);
    expect(creation?.body).toMatchObject({
      Image: 'present:1',
      Cmd: ['serve'],
      User: 'root',
      Env: ['A=b'],
      Labels: { 'dev.hookline.stack': 'stack' },
      HostConfig: {
        PortBindings: { '8080/tcp': [{ HostPort: '28080', HostIp: '127.0.0.1' }] },
        Binds: ['its-volume:/data:rw'],
      },
    });
    const [connection] = called(/^POST \/networks\/its-network\/connect/);
    expect(connection?.body).toMatchObject({ EndpointConfig: { Aliases: ['registry'] } });
  });

  it('is stopped, killed, frozen and started as the same container', async () => {
    const part = containerPart(options);
    await part.kill();
    await part.stop();
    await part.start();
    await part.start();
    await part.pause();
    await part.resume();
    await part.resume();
    await part.stop();
    await part.kill();
    await part.start();
    await part.kill();
    expect(called(/create|start$|stop|kill|pause$/).map(({ call }) => call.replace(/\?.*/, ''))).toEqual([
      'POST /containers/create',
      'POST /containers/id/start',
      'POST /containers/id/pause',
      'POST /containers/id/unpause',
      'POST /containers/id/stop',
      'POST /containers/id/start',
      'POST /containers/id/kill',
    ]);
  });

  it('that ends while it starts says how, with the end of its log', async () => {
    const part = containerPart({
      ...options,
      answers: async () => {
        state = { ...state, Running: false, ExitCode: 1 };
        return false;
      },
    });
    await expect(part.start()).rejects.toThrow(
      /^registry: ended with exit code 1 while starting\. End of the log of present:1:\n {4}no space left$/,
    );
  });

  it('whose image cannot be pulled says so, and what to do', async () => {
    expect([await hasImage('present:1'), await hasImage('absent:1')]).toEqual([true, false]);
    await expect(pullImage('absent:1')).rejects.toThrow(
      /^Pulling absent:1 failed \(.*no route to host.*\)\. Check that/,
    );
  });

  it('of a stack takes its network with it, and its volumes unless they are to stay', async () => {
    const ports = { kafka: [1, 2], controller: 3, registry: 4, postgres: 5 };
    const request = {
      layout: { id: 'stack', clusterId: 'c', ports },
      directory,
      kinds: ['kafka', 'registry', 'postgres'],
    };
    // Keeps the guardian from ending, and from starting anew, between the two.
    guard({ kind: 'path', id: join(directory, 'none') });
    for (const persistent of [true, false]) {
      calls = [];
      const parts = await containers.createParts({ ...request, persistent } as Parameters<
        typeof containers.createParts
      >[0]);
      expect([...parts.kafka, parts.registry, parts.postgres].map((part) => part?.name)).toEqual([
        ...['kafka-1', 'kafka-2', 'registry', 'postgres'],
      ]);
      await parts.remove();
      expect(called(/^POST \/volumes\/create/)).toHaveLength(persistent ? 4 : 0);
      expect(called(/^DELETE \/containers\/left-over\?force=true&v=true/)).toHaveLength(2);
      expect(called(/^DELETE \/networks\/its-network/)).toHaveLength(2);
      expect(called(/^DELETE \/volumes\/its-volume/)).toHaveLength(persistent ? 0 : 2);
    }
    release({ kind: 'path', id: join(directory, 'none') });
  });
});
