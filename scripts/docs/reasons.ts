import { asNode, everyNode, textsOf, type Node, type Source } from './source-texts.ts';

/** Where errors are made that a probe tells as they are. */
const TOLD_ERRORS = /\/prepare|\/registry\/|\/with-admin|\/roles\//;
/** Where a reason is a property of a result. */
const TOLD_RESULTS = /\/generations\/|\/topology-watch|\/leaders/;

/** What the probes of `/readyz` and `/livez` answer when they fail, as far as a program says it in its own words. */
export function reasonsOf({ path, tree }: Source): string[] {
  const told = everyNode(tree).flatMap((node) => toldBy(node, path));
  return told.flatMap(textsOf).filter((text) => /^\w.*[a-z] [a-z]/.test(text));
}

function toldBy(node: Node, path: string): Node[] {
  const given = (node['arguments'] ?? []) as unknown[];
  const name = nameOf(node['key']) ?? nameOf(node['left']) ?? nameOf(node['id']) ?? nameOf(node['identifier']);
  switch (node.type) {
    case 'NewExpression':
      return TOLD_ERRORS.test(path) && nameOf(node['callee']) === 'HooklineError' ? given.slice(1).flatMap(asNode) : [];
    case 'CallExpression':
      return nameOf((node['callee'] as Node)['property']) === 'readiness' ? given.slice(1).flatMap(asNode) : [];
    case 'MethodProperty':
    case 'KeyValueProperty':
      return name === 'readiness' || (TOLD_RESULTS.test(path) && (name === 'problem' || name === 'reason'))
        ? asNode(node['body'] ?? node['value'])
        : [];
    case 'FunctionDeclaration':
      return name === 'findStuck' ? asNode(node['body']) : [];
    case 'AssignmentExpression':
    case 'VariableDeclarator':
      return name === 'state' || name === 'prepared' ? asNode(node['right'] ?? node['init']) : [];
    default:
      return [];
  }
}

function nameOf(node: unknown): string | undefined {
  return (node as { value?: string } | null | undefined)?.value;
}
