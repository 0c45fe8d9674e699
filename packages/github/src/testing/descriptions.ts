import { createRequire } from 'node:module';

// By require: the packages are JSON files, whose types do not fit their import.
const load = createRequire(import.meta.url);

/** Every payload that GitHub's community has collected, by event. */
export const examples = load('@octokit/webhooks-examples') as {
  name: string;
  examples: Record<string, unknown>[];
}[];

/** What GitHub publishes of one kind of payload: an event, or one action of it. */
export interface Description {
  event: string;
  /** Names of keys at the top level. */
  required: string[];
  properties: string[];
  actions: string[];
}

interface Schema {
  $ref?: string;
  oneOf?: Schema[];
  anyOf?: Schema[];
  required?: string[];
  properties?: Record<string, Schema>;
  enum?: string[];
}

interface Document {
  webhooks?: Webhooks;
  'x-webhooks'?: Webhooks;
  components: { schemas: Record<string, Schema> };
}

type Webhooks = Record<
  string,
  {
    post: {
      'x-github': { subcategory: string };
      requestBody: { content: { 'application/json': { schema: Schema } } };
    };
  }
>;

/** GitHub's products whose webhooks are described: github.com, Enterprise Cloud, each live Enterprise Server. */
export const PRODUCTS = ['api.github.com', 'ghec', ...[14, 15, 16, 17, 18, 19].map((minor) => `ghes-3.${minor}`)];

/** GitHub's own descriptions of the webhooks of a product. */
export function readDescriptions(product: string): Description[] {
  const document = load(`@octokit/openapi-webhooks/generated/${product}.json`) as Document;
  const resolve = (schema: Schema): Schema => {
    const name = schema.$ref?.split('/').at(-1);
    return name === undefined ? schema : resolve(document.components.schemas[name] as Schema);
  };
  const variants = (schema: Schema): Schema[] => {
    const resolved = resolve(schema);
    const choices = resolved.oneOf ?? resolved.anyOf;
    return choices === undefined ? [resolved] : choices.flatMap(variants);
  };
  return Object.values(document.webhooks ?? document['x-webhooks'] ?? {}).flatMap(({ post }) => {
    const event = post['x-github'].subcategory.replaceAll('-', '_');
    return variants(post.requestBody.content['application/json'].schema).map(({ required = [], properties = {} }) => {
      const actions = properties['action'] === undefined ? [] : (resolve(properties['action']).enum ?? []);
      return { event, required, properties: Object.keys(properties), actions };
    });
  });
}
