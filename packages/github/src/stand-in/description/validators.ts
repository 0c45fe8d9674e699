import { Ajv, type ErrorObject } from 'ajv';
import formats from 'ajv-formats';
import type { Description, Schema } from './document.ts';

/** Problems of a value by a schema, each with its place; none: it conforms. */
export type Validate = (schema: Schema, value: unknown, place: string) => string[];

/** Validates by schemas of a description; each schema is compiled once. */
export function createValidate({ schemas }: Pick<Description, 'schemas'>): Validate {
  // Not strict: OpenAPI has keywords that are not JSON Schema's, such as `example`.
  const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema({ $id: 'github', components: { schemas: typedNullable(schemas) } });
  const compiled = new WeakMap<Schema, ReturnType<Ajv['compile']>>();
  return (schema, value, place) => {
    const validate = compiled.get(schema) ?? ajv.compile(typedNullable(absolute(schema)) as Schema);
    compiled.set(schema, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map((error) => problemOf(error, place));
  };
}

function problemOf({ instancePath, message, params }: ErrorObject, place: string): string {
  const extra = 'additionalProperty' in params ? ` (${String(params['additionalProperty'])})` : '';
  return `${place}${instancePath} ${message}${extra}`;
}

/** References within the document become ones into the schema that was added. */
function absolute(value: unknown): unknown {
  return mapObjects(value, (object) =>
    typeof object['$ref'] === 'string' ? { ...object, $ref: object['$ref'].replace(/^#/, 'github#') } : object,
  );
}

/** GitHub says `nullable` beside `anyOf`, and beside an `enum` that does not list null: to ajv neither means that. */
function typedNullable(value: unknown): unknown {
  return mapObjects(value, (object) => {
    if (object['nullable'] !== true || (typeof object['type'] === 'string' && !('enum' in object))) return object;
    const { nullable: _, ...schema } = object;
    return { anyOf: [{ type: 'null' }, schema] };
  });
}

function mapObjects(value: unknown, change: (object: Record<string, unknown>) => Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((entry) => mapObjects(entry, change));
  if (typeof value !== 'object' || value === null) return value;
  return change(Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, mapObjects(entry, change)])));
}
