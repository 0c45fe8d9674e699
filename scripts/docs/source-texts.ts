import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import { root } from '../tools.ts';

export interface Node {
  type: string;
  [key: string]: unknown;
}

export interface Source {
  path: string;
  tree: Node;
}

/** Stands in a text for a value that only a running program knows. */
const VALUE = '…';

/** What is deployed, parsed; tests and what they alone need are left out. */
export function readSources(pattern: string): Source[] {
  const paths = globSync(pattern, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**', '**/testing/**'] });
  return paths
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => {
      const code = readFileSync(join(root, path), 'utf8');
      return { path, tree: parseSync(code, { syntax: 'typescript', target: 'esnext' }) as unknown as Node };
    });
}

/** Each text of a program as it can be read in it: pieces that are added up are one, and a value is {@link VALUE}. */
export function textsOf(node: Node): string[] {
  const text = textOf(node);
  return text === null ? childrenOf(node).flatMap(textsOf) : [text, ...insideOf(node).flatMap(textsOf)];
}

/** Every part of a program, itself included. */
export function everyNode(node: Node): Node[] {
  return [node, ...childrenOf(node).flatMap(everyNode)];
}

/** The text that a node is, whole; null: it is none. */
export function textOf(node: Node): string | null {
  if (node.type === 'StringLiteral') return node['value'] as string;
  if (node.type === 'ParenthesisExpression') return textOf(node['expression'] as Node);
  if (node.type === 'TemplateLiteral') {
    return (node['quasis'] as { cooked: string }[]).map(({ cooked }) => cooked).join(VALUE);
  }
  if (node.type !== 'BinaryExpression' || node['operator'] !== '+') return null;
  const [left, right] = [textOf(node['left'] as Node), textOf(node['right'] as Node)];
  return left === null && right === null ? null : `${left ?? VALUE}${right ?? VALUE}`;
}

/** The values in a text: they can hold texts, too. */
function insideOf(node: Node): Node[] {
  if (node.type === 'TemplateLiteral') return (node['expressions'] ?? []) as Node[]; // A type's has none.
  return childrenOf(node).flatMap((child) => (textOf(child) === null ? [child] : insideOf(child)));
}

export function childrenOf(node: Node): Node[] {
  return Object.values(node).flat().flatMap(asNode);
}

/** Arguments and elements of arrays are wrapped. */
export function asNode(value: unknown): Node[] {
  if (isNode(value)) return [value];
  const wrapped = (value as { expression?: unknown } | null | undefined)?.expression;
  return isNode(wrapped) ? [wrapped] : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}
