import { dependencies } from './pages/dependencies.ts';
import { ingest } from './pages/ingest.ts';
import { overview } from './pages/overview.ts';
import { processor } from './pages/processor.ts';
import { relay } from './pages/relay.ts';
import type { Dashboard } from './spec.ts';
import { toGrafana } from './to-grafana.ts';

export const DASHBOARDS: readonly Dashboard[] = [overview, ingest, processor, relay, dependencies];

/** The files that Grafana reads, made whole by `npm run docs`, with what must be in them. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  return new Map(
    DASHBOARDS.map((dashboard) => [
      `infra/helm/hookline/files/dashboards/${dashboard.name}.json`,
      `${JSON.stringify(toGrafana(dashboard), null, 2)}\n`,
    ]),
  );
}
