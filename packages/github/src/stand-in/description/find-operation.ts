import type { Operation } from './document.ts';

export interface Found {
  operation: Operation;
  /** Of the path, decoded. */
  parameters: Record<string, string>;
}

export type FindOperation = (method: string, path: string) => Found | undefined;

/** Finds the operation of a request by its method and path, without the query. */
export function operationFinder(operations: Operation[]): FindOperation {
  const byShape = new Map<string, Operation[]>();
  for (const operation of operations) {
    const shape = shapeOf(operation.method, operation.template.split('/'));
    byShape.set(shape, [...(byShape.get(shape) ?? []), operation]);
  }
  return (method, path) => {
    const segments = path.split('/');
    const fitting = (byShape.get(shapeOf(method, segments)) ?? []).flatMap((operation) => {
      const parameters = match(operation.template.split('/'), segments);
      return parameters === undefined ? [] : [{ operation, parameters }];
    });
    // `/user/issues` also fits `/user/{id}`: the one with the most words of its own is meant.
    return fitting.toSorted((a, b) => Object.keys(a.parameters).length - Object.keys(b.parameters).length)[0];
  };
}

function shapeOf(method: string, segments: string[]): string {
  return `${method} ${segments[1]} ${segments.length}`;
}

function match(template: string[], segments: string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [i, part] of template.entries()) {
    const segment = segments[i] ?? '';
    if (part.startsWith('{') && part.endsWith('}')) {
      if (segment === '') return undefined;
      parameters[part.slice(1, -1)] = decodeURIComponent(segment);
    } else if (part !== segment) return undefined;
  }
  return parameters;
}
