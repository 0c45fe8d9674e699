import { COMPONENTS, settingSchema, settingsOf } from './settings.ts';
import { readValues, type Value } from './values-file.ts';

/** Values whose default does not tell all that they may be, by the end of their path. */
const SPECIAL: Readonly<Record<string, object>> = {
  'kafka.sasl.mechanism': { enum: ['none', 'plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] },
  imagePullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
  // It goes into dashboards and rules as it is.
  runbookUrl: { type: 'string', pattern: '^(https?://[^\\s"\'#]+)?$' },
  // Quantities, and shares of all pods.
  cpu: { type: ['string', 'number'] },
  memory: { type: ['string', 'integer'] },
  maxUnavailable: { type: ['integer', 'string'] },
  'autoscaling.triggerMetadata': { type: 'object', additionalProperties: { type: 'string' } },
  'networkPolicy.databasePorts': { type: 'array', items: { type: 'integer' }, minItems: 1 },
  'networkPolicy.effectsPorts': { type: 'array', items: { type: 'integer' }, minItems: 1 },
  extraObjects: { type: 'array', items: { type: ['object', 'string'] } },
};

/** Maps with entries whose names are the user's all the same. */
const OPEN = ['dashboards.labels', 'podSecurityContext', 'podSecurityContext.seccompProfile', 'requests', 'limits'];

interface ObjectSchema {
  type: 'object';
  additionalProperties: boolean;
  properties: Record<string, object>;
}

/** `values.schema.json`: Helm refuses what does not fit before it changes anything, a mistyped name included. */
export function valuesSchema(): string {
  const whole = emptyObject([]);
  for (const value of readValues()) place(whole, value);
  // Helm gives it to every chart that is part of another.
  whole.properties['global'] = { type: 'object' };
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of Hookline',
    definitions: settingDefinitions(),
    ...whole,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function place(whole: ObjectSchema, value: Value): void {
  const parents = value.path.slice(0, -1);
  let at = whole;
  for (const [depth, name] of parents.entries()) {
    at.properties[name] ??= emptyObject(parents.slice(0, depth + 1));
    at = at.properties[name] as ObjectSchema;
  }
  const name = value.path.at(-1) as string;
  at.properties[name] = { ...(value.comment ? { description: value.comment } : {}), ...schemaOf(value) };
}

function emptyObject(path: readonly string[]): ObjectSchema {
  const isOpen = OPEN.some((end) => isEnd(path, end));
  return { type: 'object', additionalProperties: isOpen, properties: {} };
}

function schemaOf({ path, default: value }: Value): object {
  if (path.at(-1) === 'config') return settingsSchema(path.slice(0, -1));
  const special = Object.entries(SPECIAL).find(([end]) => isEnd(path, end));
  if (special) return special[1];
  if (Array.isArray(value)) return { type: 'array' };
  if (value === null) return {};
  return { type: typeof value === 'number' ? 'integer' : typeof value };
}

/** Settings of one component, or, at the top, of all. */
function settingsSchema([component]: readonly string[]): object {
  const components = component === undefined ? Object.keys(COMPONENTS) : [component];
  const names = new Set(components.flatMap((name) => [...settingsOf(name).keys()]));
  const properties = [...names].map((env) => {
    const shapes = new Set(components.flatMap((name) => definitionOf(name, env) ?? []));
    const refs = [...shapes].map((name) => ({ $ref: `#/definitions/${name}` }));
    return [env, refs.length === 1 ? refs[0] : { allOf: refs }] as const;
  });
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties) };
}

function settingDefinitions(): Record<string, object> {
  const definitions: Record<string, object> = {};
  for (const component of Object.keys(COMPONENTS)) {
    for (const [env, option] of settingsOf(component)) {
      definitions[definitionOf(component, env) as string] ??= settingSchema(option);
    }
  }
  return definitions;
}

/** The name of the schema of a setting, the same for all components that take the same. Undefined: it has no such setting. */
function definitionOf(component: string, env: string): string | undefined {
  const shape = shapeOf(component, env);
  if (shape === undefined) return undefined;
  const first = Object.keys(COMPONENTS).find((name) => shapeOf(name, env) !== undefined) as string;
  return shape === shapeOf(first, env) ? env : `${component}.${env}`;
}

function shapeOf(component: string, env: string): string | undefined {
  const option = settingsOf(component).get(env);
  return option && JSON.stringify({ ...settingSchema(option), description: '' });
}

function isEnd(path: readonly string[], end: string): boolean {
  const whole = path.join('.');
  return whole === end || whole.endsWith(`.${end}`);
}
