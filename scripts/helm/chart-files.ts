import { join } from 'node:path';
import { settingsFile } from './settings.ts';
import { CHART } from './values-file.ts';
import { valuesSchema } from './values-schema.ts';

/** Files of the chart that are made whole by `npm run docs`, with what must be in them. */
export function chartFiles(): ReadonlyMap<string, string> {
  return new Map([
    [join(CHART, 'files/settings.json'), settingsFile()],
    [join(CHART, 'values.schema.json'), valuesSchema()],
  ]);
}
