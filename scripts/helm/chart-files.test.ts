import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from '../tools.ts';
import { chartFiles } from './chart-files.ts';
import { COMPONENTS, settingSchema, settingsOf } from './settings.ts';
import { readValues } from './values-file.ts';
import { valuesSchema } from './values-schema.ts';

interface Bounds {
  minimum?: number;
  maximum?: number;
}

interface Schema {
  definitions: Record<string, Bounds>;
  properties: { config: { properties: Record<string, { allOf?: { $ref: string }[] }> } };
}

// What the chart knows of settings comes from the services: a setting that is new, renamed or gone is so in the chart, too.
describe('the files of the chart', () => {
  it('are as the settings of the services and the values say: run `npm run docs` where they are not', () => {
    for (const [path, text] of chartFiles()) {
      expect([path, readFileSync(join(root, path), 'utf8')]).toEqual([path, text]);
    }
  });

  it('say of each value what it does', () => {
    expect(readValues().filter(({ comment }) => comment === '')).toEqual([]);
  });

  // Helm must never refuse what a service would take by itself.
  it('allow the default of each setting', () => {
    for (const component of Object.keys(COMPONENTS)) {
      for (const { default: value, ...option } of settingsOf(component).values()) {
        const { minimum = -Infinity, maximum = Infinity } = settingSchema({ ...option, default: value }) as Bounds;
        if (typeof value !== 'number') continue;
        expect([option.env, value >= minimum && value <= maximum]).toEqual([option.env, true]);
      }
    }
  });

  it('allow of a setting that services take differently what all of them take', () => {
    const { properties, definitions } = JSON.parse(valuesSchema()) as Schema;
    const refs = properties.config.properties['HOOKLINE_REGISTRY_TIMEOUT_MS']?.allOf ?? [];
    const leasts = refs.map(({ $ref }) => definitions[$ref.replace('#/definitions/', '')]?.minimum);
    expect(new Set(leasts)).toEqual(new Set([1, 100]));
  });
});
