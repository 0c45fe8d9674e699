import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A panel as Grafana reads it, as far as it is asked for and drawn. */
export interface ShownPanel {
  type: 'timeseries' | 'stat' | 'row';
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; legendFormat: string }[];
  fieldConfig?: {
    defaults: {
      unit: string;
      custom?: { stacking: { mode: 'none' | 'normal' } };
      thresholds: { steps: { color: string; value: number | null }[] };
    };
  };
}

export interface ShownDashboard {
  /** Its file's, without `.json`. */
  name: string;
  title: string;
  panels: ShownPanel[];
}

const FOLDER = fileURLToPath(new URL('../../../../infra/helm/hookline/files/dashboards/', import.meta.url));

/** The dashboards as they are shipped. */
export function readDashboards(): ShownDashboard[] {
  return globSync('*.json', { cwd: FOLDER })
    .toSorted()
    .map((file) => {
      const model = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Omit<ShownDashboard, 'name'>;
      return { ...model, name: basename(file, '.json') };
    });
}

/** A query with its variables as Grafana fills them in where all is shown. */
export function filledIn(expr: string, rateInterval: string): string {
  return expr.replaceAll(/\$(?:namespace|installation)/g, '.*').replaceAll('$__rate_interval', rateInterval);
}
