import type { XpathNode } from './nodes.ts';

/** The nodes of an axis, nearest first. */
type Axis = (node: XpathNode) => Iterable<XpathNode>;

function* ancestors(node: XpathNode): Iterable<XpathNode> {
  for (let up = node.parent; up !== undefined; up = up.parent) yield up;
}

function* descendants(node: XpathNode): Iterable<XpathNode> {
  for (const child of node.children) {
    yield child;
    yield* descendants(child);
  }
}

function* selfAnd(node: XpathNode, axis: Axis): Iterable<XpathNode> {
  yield node;
  yield* axis(node);
}

/** The siblings behind a node, or before it, nearest first. An attribute has none. */
function siblings(node: XpathNode, direction: 'after' | 'before'): readonly XpathNode[] {
  if (node.isAttribute || node.parent === undefined) return [];
  const { children } = node.parent;
  return direction === 'after'
    ? children.slice(node.index + 1)
    : children.slice(0, node.index).toReversed();
}

/** Of an attribute it is that of its element, as in libxml2; the specification would add what is in the element. */
function* following(node: XpathNode): Iterable<XpathNode> {
  for (const each of selfAnd(node, ancestors)) {
    for (const sibling of siblings(each, 'after')) yield* selfAnd(sibling, descendants);
  }
}

function* preceding(node: XpathNode): Iterable<XpathNode> {
  for (const each of selfAnd(node, ancestors)) {
    for (const sibling of siblings(each, 'before')) {
      yield* [...selfAnd(sibling, descendants)].toReversed();
    }
  }
}

export const ATTRIBUTE_AXIS = 2;

/** By the number the package `xpath` gives an axis (`Step.ANCESTOR` and so on). 8 is the namespaces, which are refused. */
export const axes: ReadonlyMap<number, Axis> = new Map<number, Axis>([
  [0, ancestors],
  [1, (node) => selfAnd(node, ancestors)],
  [ATTRIBUTE_AXIS, (node) => node.attributeNodes],
  [3, (node) => node.children],
  [4, descendants],
  [5, (node) => selfAnd(node, descendants)],
  [6, following],
  [7, (node) => siblings(node, 'after')],
  [9, (node) => (node.parent === undefined ? [] : [node.parent])],
  [10, preceding],
  [11, (node) => siblings(node, 'before')],
  [12, (node) => [node]],
]);
