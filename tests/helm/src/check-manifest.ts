import { readFile } from 'node:fs/promises';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Manifest } from './render.ts';

interface Definition {
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
}

/** What is wrong with an object, by Kubernetes' own schemas; null: it is of a kind that they do not have. */
export type CheckManifest = (manifest: Manifest) => string[] | null;

/** As `kubeconform -strict` would: unknown fields are wrong, and so are types. */
export async function createCheckManifest(file: string): Promise<CheckManifest> {
  const schemas = JSON.parse(await readFile(file, 'utf8')) as { $defs: Record<string, Definition> };
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true, logger: false });
  ajv.addSchema(withoutReferencesOut(schemas), 'kubernetes');
  const byKind = new Map<string, string>();
  for (const [name, definition] of Object.entries(schemas.$defs)) {
    for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
      byKind.set(`${group === '' ? '' : `${group}/`}${version} ${kind}`, name);
    }
  }
  return (manifest) => {
    const name = byKind.get(`${manifest.apiVersion} ${manifest.kind}`);
    if (name === undefined) return null;
    const validate = ajv.getSchema(`kubernetes#/$defs/${name}`) as ValidateFunction;
    const isValid: boolean = validate(manifest);
    return (isValid ? [] : (validate.errors ?? [])).map(({ instancePath, message, params }) => {
      return `${manifest.kind} ${manifest.metadata.name}${instancePath} ${message} ${JSON.stringify(params)}`;
    });
  };
}

/** References to files of the package lead nowhere here: all definitions are in one. */
function withoutReferencesOut(schemas: object): object {
  return JSON.parse(JSON.stringify(schemas).replaceAll(/"\$ref":"[^"#]*#/g, '"$ref":"#')) as object;
}
