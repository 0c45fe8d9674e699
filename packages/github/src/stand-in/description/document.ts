import { createRequire } from 'node:module';

/** What the stand-in reads of an OpenAPI 3.0 document. */
export interface Schema {
  $ref?: string;
  type?: string;
  nullable?: boolean;
  properties?: Record<string, Schema>;
  items?: Schema;
  [keyword: string]: unknown;
}

export interface Parameter {
  $ref?: string;
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Schema;
}

interface Content {
  'application/json'?: { schema: Schema; examples?: Record<string, { $ref?: string; value?: unknown }> };
}

interface Answer {
  $ref?: string;
  content?: Content;
}

interface OperationObject {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Content };
  responses: Record<string, Answer>;
}

interface Document {
  paths: Record<string, Record<string, OperationObject>>;
  components: Record<'schemas' | 'parameters' | 'responses' | 'examples', Record<string, unknown>>;
}

/** The products that are described: github.com, and Enterprise Server. */
export type Product = 'api.github.com' | 'ghes-3.17' | 'ghes-3.18' | 'ghes-3.19';

/** One request that GitHub describes, its references resolved but for those within schemas. */
export interface Operation {
  method: string;
  /** `/repos/{owner}/{repo}/issues/{issue_number}/comments`. */
  template: string;
  parameters: Parameter[];
  body: { required: boolean; schema: Schema } | null;
  /** By status; null where an answer has no body. */
  replies: Map<number, { schema: Schema; example: unknown } | null>;
}

export interface Description {
  operations: Operation[];
  schemas: Record<string, Schema>;
}

// By require: the document is JSON of 13 MB, whose type does not fit its import.
const load = createRequire(import.meta.url);

/** Reads what GitHub publishes of the REST API of a product. Takes about half a second. */
export function readDescription(product: Product): Description {
  const document = load(`@octokit/openapi/generated/${product}.json`) as Document;
  const resolve = <T extends { $ref?: string }>(value: T): T => {
    const [section, name] = value.$ref?.split('/').slice(-2) ?? [];
    if (section === undefined || name === undefined) return value;
    return document.components[section as keyof Document['components']][name] as T;
  };
  const operations = Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, described]) => {
      const json = described.requestBody?.content['application/json'];
      return {
        method: method.toUpperCase(),
        template,
        parameters: (described.parameters ?? []).map(resolve),
        body: json === undefined ? null : { required: described.requestBody?.required === true, schema: json.schema },
        replies: new Map(
          Object.entries(described.responses).map(([status, answer]) => [Number(status), replyOf(resolve(answer))]),
        ),
      };
    }),
  );
  return { operations, schemas: document.components.schemas as Record<string, Schema> };

  function replyOf(answer: Answer) {
    const json = answer.content?.['application/json'];
    if (json === undefined) return null;
    const [first] = Object.values(json.examples ?? {});
    const example = first === undefined ? undefined : resolve(first).value;
    // Some examples are a reference where their value should be.
    return { schema: json.schema, example: isReference(example) ? resolve(example).value : example };
  }
}

function isReference(value: unknown): value is { $ref: string; value?: unknown } {
  return typeof value === 'object' && value !== null && '$ref' in value;
}
