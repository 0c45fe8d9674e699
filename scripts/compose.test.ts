import { globSync, readFileSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { partitionOptions, sendOptions, topicOptions } from '../packages/cli/src/settings.ts';
import { IMAGES } from '../packages/local-stack/src/containers/images.ts';
import { readConfig } from '../packages/runtime/src/index.ts';
import type { OptionTable } from '../packages/runtime/src/index.ts';
import { ingestOptions } from '../services/ingest/src/config.ts';
import { processorOptions } from '../services/processor/src/config.ts';
import { relayOptions } from '../services/relay/src/config.ts';
import { root } from './tools.ts';

interface Service {
  image: string;
  build?: { context: string; dockerfile: string; target: string };
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
  restart?: string;
  read_only?: boolean;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
}

const folder = join(root, 'infra/compose');
const text = readFileSync(join(folder, 'compose.yaml'), 'utf8');
const { services, volumes } = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const defaults = Object.fromEntries(
  [...readFileSync(join(folder, '.env'), 'utf8').matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    value,
  ]),
);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const tables: Record<string, OptionTable> = {
  ingest: ingestOptions,
  processor: processorOptions,
  jobs: processorOptions,
  relay: relayOptions,
};

// Whether it comes up and works is for `npm run test:images`, which needs an engine and minutes.
describe('the composed system', () => {
  it.each(Object.entries(tables))('configures %s so that it would start', (name, table) => {
    const { environment = {} } = services[name] ?? {};
    const read = readConfig(table, { ...environment, ...withoutFiles(environment) });
    expect(read.success ? [] : read.errors).toEqual([]);
    expect(Object.keys(environment).filter((variable) => !namesOf(table).includes(variable))).toEqual([]);
  });

  it('gives the command line variables that it knows', () => {
    const known = [topicOptions, partitionOptions, sendOptions].flatMap(namesOf).concat('HOOKLINE_ACTOR');
    const given = Object.values(services)
      .filter(({ image }) => image.startsWith('hookline/cli'))
      .flatMap(({ environment = {} }) => Object.keys(environment));
    expect(given.length).toBeGreaterThan(5);
    expect(given.filter((variable) => !known.includes(variable))).toEqual([]);
  });

  it('runs this release, and the servers that tests run on', () => {
    expect(defaults).toMatchObject({
      IMAGE_TAG: version,
      PROCESSOR_IMAGE: `hookline/processor:${version}`,
    });
    const images = Object.values(services).map(({ image }) => image);
    for (const image of Object.values(IMAGES)) expect(images).toContain(image);
  });

  it('knows every variable that it takes from the environment', () => {
    const taken = [...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name);
    const known = [...Object.keys(defaults), 'HOOKLINE_ACTOR'];
    expect(taken.length).toBeGreaterThan(5);
    expect(taken.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('offers its ports to this machine alone', () => {
    for (const { ports = [] } of Object.values(services)) {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it('has everything that it mounts, and nothing of ours may write but to its volumes', () => {
    for (const { volumes: mounts = [], image, read_only: isReadOnly } of Object.values(services)) {
      for (const mount of mounts) {
        const [from = ''] = mount.split(':');
        if (from.startsWith('.')) expect(existsSync(resolve(folder, from))).toBe(true);
        else expect(Object.keys(volumes)).toContain(from);
      }
      if (image.startsWith('hookline/') || image.includes('HOOKLINE')) expect(isReadOnly).toBe(true);
    }
  });

  it('starts nothing before what it waits for can be told to be ready', () => {
    for (const { depends_on: needs = {} } of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(needs)) {
        const needed = services[name];
        if (condition === 'service_healthy') expect(needed?.healthcheck).toBeDefined();
        // What is restarted whenever it ends can never have completed.
        else expect({ condition, restart: needed?.restart }).toEqual({ condition: 'service_completed_successfully' });
      }
    }
  });
});

describe('the roles of the composed system', () => {
  it('are all that the migrations make', () => {
    const made = globSync('migrations/*.up.sql', { cwd: root })
      .flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(/\bto (hookline_\w+)/g)])
      .map(([, role]) => role);
    const roles = readFileSync(join(folder, 'roles.sql'), 'utf8');
    for (const role of new Set(made)) expect(roles).toContain(`'${role}'`);
  });
});

function namesOf(table: OptionTable): string[] {
  return Object.values(table).flatMap(({ env }) => [env, `${env}_FILE`]);
}

/** A secret from a file as if it stood in the variable: the file is only there in the container. */
function withoutFiles(environment: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.keys(environment)
      .filter((name) => name.endsWith('_URL_FILE'))
      .flatMap((name) => [
        [name, ''],
        [name.replace(/_FILE$/, ''), 'postgresql://somebody@postgres:5432/hookline'],
      ]),
  );
}
