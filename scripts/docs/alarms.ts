import { asNode, childrenOf, everyNode, textOf, type Node, type Source } from './source-texts.ts';

/** What each call of `logger.warn`, `error`, `fatal`, or of a level that is chosen as it runs, can say. */
export function alarmsOf({ tree }: Source): string[] {
  const nodes = everyNode(tree);
  const declared = nodes.filter(({ type, init }) => type === 'VariableDeclarator' && init);
  const said = (node: Node): string[] => {
    const text = textOf(node);
    if (text !== null) return [text];
    if (node.type === 'ConditionalExpression') {
      return [node['consequent'], node['alternate']].flatMap(asNode).flatMap(said);
    }
    const named = node.type === 'MemberExpression' ? (node['object'] as Node) : node;
    const all = declared.filter(({ id }) => (id as Node)['value'] === named['value']);
    // The same name can be declared in several functions.
    const nearest = all.findLast((one) => startOf(one) < startOf(named)) ?? all[0];
    return named.type === 'Identifier' && nearest ? said(nearest['init'] as Node) : childrenOf(node).flatMap(said);
  };
  return nodes
    .filter(isAlarm)
    .flatMap(({ arguments: given }) => asNode((given as unknown[]).at(-1)))
    .flatMap(said);
}

function startOf({ span }: Node): number {
  return (span as { start: number }).start;
}

function isAlarm({ type, callee }: Node): boolean {
  if (type !== 'CallExpression' || (callee as Node).type !== 'MemberExpression') return false;
  const { object, property } = callee as { object: Node; property: Node } & Node;
  if (object['value'] !== 'logger') return false;
  return property.type === 'Computed' || ['warn', 'error', 'fatal'].includes(property['value'] as string);
}
