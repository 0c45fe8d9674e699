import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { detectProvider } from '../detect-provider.ts';
import { dockerProblem } from '../containers/engine.ts';
import { prepareStack } from '../start-stack.ts';
import { missingTool } from './index.ts';
import { kafkaJars, registryApp } from './maven.ts';
import { javaProgram, parseJavaVersion } from './tools.ts';

describe('Java', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['openjdk version "25" 2025-09-16', 25],
    ['java version "1.8.0_402"', 8],
    ['sh: java: not found', undefined],
  ])('%p is version %p', (output, version) => {
    expect(parseJavaVersion(output)).toBe(version);
  });

  it('is JAVA_HOME first', () => {
    expect(javaProgram({ JAVA_HOME: '/opt/jdk' })).toBe('/opt/jdk/bin/java');
    expect(javaProgram({})).toBe('java');
  });
});

/** A machine that has only the programs that a test gives it, an empty cache, and no Docker engine. */
describe('a machine', () => {
  const names = ['PATH', 'JAVA_HOME', 'HOOKLINE_CACHE', 'DOCKER_HOST', 'HOME'] as const;
  const before = names.map((name) => [name, process.env[name]] as const);
  let machine: string;

  beforeEach(async () => {
    machine = await mkdtemp(join(tmpdir(), 'hookline-machine-'));
    process.env['PATH'] = machine;
    process.env['HOOKLINE_CACHE'] = join(machine, 'cache');
    process.env['DOCKER_HOST'] = `unix://${machine}/docker.sock`;
    process.env['HOME'] = machine;
    delete process.env['JAVA_HOME'];
  });
  afterEach(async () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await rm(machine, { recursive: true, force: true });
  });

  async function give(program: string, script: string): Promise<void> {
    await writeFile(join(machine, program), `#!/bin/sh\n${script}\n`);
    await chmod(join(machine, program), 0o755);
  }
  const giveJava = (version: string): Promise<void> => give('java', `echo 'openjdk version "${version}"' >&2`);

  it('without anything is told in one sentence what to install', async () => {
    await expect(detectProvider()).rejects.toThrow(
      'Hookline needs a running Docker engine, or Java 17 and Maven (mvn): install either, then try again.',
    );
    await expect(detectProvider('processes')).rejects.toThrow(
      'Running Kafka as a process needs Java 17 or later, and there is none.',
    );
    await expect(detectProvider('containers')).rejects.toThrow(/^No Docker engine answers \(.+\): start one/);
  });

  it('with an old Java is told so', async () => {
    await giveJava('1.8.0_402');
    expect(await missingTool()).toBe('Running Kafka as a process needs Java 17 or later; this is Java 8.');
  });

  it('with Java but neither Maven nor downloads is told so', async () => {
    await giveJava('17.0.15');
    expect(await missingTool()).toBe('Downloading Kafka and the schema registry needs Maven (mvn), and there is none.');
  });

  it('with Java and Maven runs processes, whether or not a Docker engine is asked for first', async () => {
    await giveJava('17.0.15');
    await give('mvn', 'exit 0');
    expect(await detectProvider('auto')).toBe('processes');
    expect(await detectProvider('processes')).toBe('processes');
  });

  it('on which Maven fails shows what Maven says, and what to do', async () => {
    await giveJava('17.0.15');
    await give('mvn', `[ "$1" = --version ] || { echo 'Could not transfer artifact'; exit 1; }`);
    const preparing = prepareStack({ provider: 'processes' });
    await expect(preparing).rejects.toThrow(/^Downloading Kafka with Maven failed \(exit code 1\)\. Check that Maven/);
    await expect(preparing).rejects.toThrow(/Could not transfer artifact$/);
  });

  it('without Maven cannot download Kafka', async () => {
    await expect(kafkaJars()).rejects.toThrow(/exit code unknown.*ENOENT/s);
  });

  it('on which the registry comes as something else than expected says so', async () => {
    await give('mvn', 'for last; do :; done; echo nothing > "${last#-DoutputDirectory=}/registry.tar.gz"');
    await give('tar', 'echo not in gzip format; exit 2');
    await expect(registryApp()).rejects.toThrow(/^Unpacking .*registry\.tar\.gz failed:\n {4}not in gzip format/);
    await give('tar', 'exit 0');
    await expect(registryApp()).rejects.toThrow(/no …-runner\.jar/);
  });

  it('whose Docker engine is far away, or silent, cannot use it', async () => {
    expect(await dockerProblem(async () => ({ host: '10.0.0.7' }))).toBe(
      'its ports are on 10.0.0.7, not on this machine',
    );
    expect(await dockerProblem(async () => ({ host: 'localhost' }))).toBeUndefined();
    expect(await dockerProblem(() => new Promise(() => {}), 50)).toBe('no answer in 0.05 s');
  });
});
