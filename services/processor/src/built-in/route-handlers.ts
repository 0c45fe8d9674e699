import { eventProblem, type DeliveryHandler } from '@hookline/handlers';
import { readRoutes, type Route } from '@hookline/runtime';
import { ourHandler } from './our-handler.ts';

/** What is wrong with the file of routes, as far as a processor reads it: a sentence each. */
export function routeProblems(config: { routesFile?: string | undefined }): string[] {
  const read = readRoutes(config);
  if (!read.success) return read.problems;
  return read.routes.flatMap(({ name, on }) =>
    on.flatMap((pattern) => {
      const problem = eventProblem(pattern);
      return problem === null ? [] : [`HOOKLINE_ROUTES_FILE: the route "${name}": ${problem}`];
    }),
  );
}

/**
 * A handler for each route: it asks for each delivery to be forwarded, in a queue of its own.
 *
 * @throws {RangeError} if there are {@link routeProblems}
 */
export function routeHandlers(config: { routesFile?: string | undefined }): DeliveryHandler[] {
  const problems = routeProblems(config);
  if (problems.length > 0) throw new RangeError(problems.join(' '));
  const read = readRoutes(config);
  return read.success ? read.routes.map(routeHandler) : [];
}

function routeHandler({ name, on, sources }: Route): DeliveryHandler {
  return ourHandler({
    kind: 'delivery',
    name: `route:${name}`,
    on,
    run({ source }, { effects }) {
      if (sources === null || sources.has(source)) effects.forward({ route: name });
      return Promise.resolve();
    },
  });
}
