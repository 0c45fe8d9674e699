import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, parseDocument, type Document, type Node, type Pair, type YAMLMap } from 'yaml';
import { root } from '../tools.ts';

/** One value of the chart that has no further values below it. */
export interface Value {
  /** As in `ingest.image.tag`. */
  path: readonly string[];
  /** The comment above it. */
  comment: string;
  default: unknown;
}

export const CHART = 'infra/helm/hookline';

/** Every value of `values.yaml`, in its order. A map without entries is one value: what is in it is the user's. */
export function readValues(): Value[] {
  const document = parseDocument(readFileSync(join(root, CHART, 'values.yaml'), 'utf8'));
  return valuesBelow(document, document.contents as YAMLMap, []);
}

function valuesBelow(document: Document, map: YAMLMap, above: readonly string[]): Value[] {
  return (map.items as Pair<Node, Node | null>[]).flatMap((pair, index) => {
    const path = [...above, String(isScalar(pair.key) ? pair.key.value : pair.key)];
    const node = pair.value;
    if (isMap(node) && node.items.length > 0) return valuesBelow(document, node, path);
    const first = index === 0 ? map.commentBefore : undefined;
    return [{ path, comment: commentOf(pair.key.commentBefore ?? first), default: node?.toJS(document) as unknown }];
  });
}

/** Of several paragraphs the last is about the value; those before it are about what follows as a whole. */
function commentOf(text: string | null | undefined): string {
  const paragraphs = (text ?? '').split(/\n\s*\n|\n(?=\n)/);
  return (paragraphs.at(-1) ?? '')
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .trim();
}
