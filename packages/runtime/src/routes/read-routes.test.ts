import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readRoutes } from './read-routes.ts';

const path = join(mkdtempSync(join(tmpdir(), 'hookline-routes-')), 'routes.json');

describe('the file of routes', () => {
  it('need not be named', () => {
    expect(readRoutes({})).toEqual({ success: true, routes: [] });
  });

  it('must be there where it is', () => {
    expect(readRoutes({ routesFile: path })).toEqual({
      success: false,
      problems: [
        `HOOKLINE_ROUTES_FILE names a file that cannot be read: ENOENT: no such file or directory, open '${path}'.`,
      ],
    });
  });

  it('is read, and each of its problems names it', () => {
    writeFileSync(path, '[{"name": "ci", "on": ["push"], "forward": "https://ci.example/hook"}]');
    expect(readRoutes({ routesFile: path })).toMatchObject({ success: true, routes: [{ name: 'ci' }] });
    writeFileSync(path, '{}');
    expect(readRoutes({ routesFile: path })).toEqual({
      success: false,
      problems: [`HOOKLINE_ROUTES_FILE (${path}): It is not a list of routes.`],
    });
  });
});
