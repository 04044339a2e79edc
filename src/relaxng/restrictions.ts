import { NodedevError } from '../errors.ts';
import { isOpenEnded, type NameClass, overlaps } from './name-class.ts';
import { definitionOf, partsOfNode, reachableNodes, type SchemaNode } from './schema-node.ts';
import { unreachable } from './unreachable.ts';

/**
 * Refuses what section 7 of the specification forbids, undefined references, and references that lead back to themselves
 * without an element in between (section 4.19).
 *
 * @throws NodedevError `schema-invalid`
 */
export function checkRestrictions(start: SchemaNode): void {
  const nodes = reachableNodes(start);
  checkRecursion(start);
  checkContainers(start, new Set(), new Map());
  for (const node of nodes) {
    if (node.kind !== 'element' && node.kind !== 'attribute') continue;
    checkContainers(node.content, new Set([node.kind]), new Map());
    if (node.kind !== 'element') continue;
    const summaries = new Map<SchemaNode, Summary>();
    summarise(node.content, summaries);
  }
}

function refuse(node: SchemaNode, message: string): never {
  throw new NodedevError('schema-invalid', message, { location: node.location });
}

/** Walks depth first. `open` has the references between the last element and the current node. */
function checkRecursion(start: SchemaNode): void {
  const done = new Set<SchemaNode>();
  const visit = (node: SchemaNode, open: ReadonlySet<unknown>): void => {
    if (node.kind === 'ref') {
      const definition = definitionOf(node);
      if (open.has(definition)) {
        refuse(node, `'${node.name}' refers to itself without an element between`);
      }
      if (done.has(node)) return;
      done.add(node);
      for (const body of definition.bodies) visit(body, new Set([...open, definition]));
      return;
    }
    if (node.kind === 'element') {
      if (done.has(node)) return;
      done.add(node);
      visit(node.content, new Set());
      return;
    }
    for (const part of partsOfNode(node)) visit(part, open);
  };
  visit(start, new Set());
}

type Container =
  | 'attribute'
  | 'element'
  | 'list'
  | 'except'
  | 'oneOrMore'
  | 'group'
  | 'repeated group';

/** Section 7.1: nodes that must not be inside others. `containers`: those between the last element and the current node. */
function checkContainers(
  node: SchemaNode,
  containers: ReadonlySet<Container>,
  seen: Map<SchemaNode, Set<string>>,
): void {
  const key = [...containers].toSorted().join();
  const before = seen.get(node);
  if (before?.has(key) === true) return;
  if (before === undefined) seen.set(node, new Set([key]));
  else before.add(key);

  for (const container of FORBIDDEN[node.kind] ?? []) {
    if (containers.has(container)) refuse(node, `<${node.kind}> cannot stand in <${container}>`);
  }
  if (containers.size === 0 && INSIDE_ELEMENTS_ONLY.has(node.kind)) {
    refuse(node, `<${node.kind}> cannot be the start of a schema`);
  }
  if (node.kind === 'attribute') {
    if (containers.has('repeated group')) {
      refuse(node, '<attribute> cannot stand in a group that is repeated');
    }
    if (isOpenEnded(node.nameClass) && !containers.has('oneOrMore')) {
      refuse(node, '<attribute> with <anyName> or <nsName> must be in <oneOrMore> or <zeroOrMore>');
    }
    return;
  }
  if (node.kind === 'element') return;
  const inner = new Set([...containers, ...containersIn(node, containers)]);
  for (const part of partsOfNode(node)) checkContainers(part, inner, seen);
}

const INSIDE_ELEMENTS_ONLY: ReadonlySet<SchemaNode['kind']> = new Set([
  'attribute',
  'data',
  'value',
  'list',
  'text',
  'group',
  'interleave',
  'oneOrMore',
  'empty',
]);

const FORBIDDEN: Partial<Record<SchemaNode['kind'], readonly Container[]>> = {
  element: ['attribute', 'list', 'except'],
  attribute: ['attribute', 'list', 'except'],
  list: ['list', 'except'],
  text: ['list', 'except'],
  interleave: ['list', 'except'],
  group: ['except'],
  oneOrMore: ['except'],
  empty: ['except'],
};

function containersIn(node: SchemaNode, containers: ReadonlySet<Container>): readonly Container[] {
  if (node.kind === 'list' || node.kind === 'oneOrMore') return [node.kind];
  if (node.kind === 'data') return ['except'];
  if (node.kind !== 'group' && node.kind !== 'interleave') return [];
  return containers.has('oneOrMore') ? ['group', 'repeated group'] : ['group'];
}

/** The facts about content that sections 7.2 to 7.4 compare. */
interface Summary {
  /** `string`: data, value and list, which must be the whole content. */
  readonly content: 'none' | 'empty' | 'complex' | 'string';
  readonly attributes: readonly NameClass[];
  readonly elements: readonly NameClass[];
  readonly hasText: boolean;
}

const EMPTY: Summary = { content: 'empty', attributes: [], elements: [], hasText: false };

function summarise(node: SchemaNode, known: Map<SchemaNode, Summary>): Summary {
  const before = known.get(node);
  if (before !== undefined) return before;
  const summary = computeSummary(node, known);
  known.set(node, summary);
  return summary;
}

function computeSummary(node: SchemaNode, known: Map<SchemaNode, Summary>): Summary {
  switch (node.kind) {
    case 'empty':
      return EMPTY;
    case 'notAllowed':
      return { ...EMPTY, content: 'none' };
    case 'text':
      return { ...EMPTY, content: 'complex', hasText: true };
    case 'data':
    case 'value':
    case 'list':
      return { ...EMPTY, content: 'string' };
    case 'attribute':
      return { ...EMPTY, attributes: [node.nameClass] };
    case 'element':
      return { ...EMPTY, content: 'complex', elements: [node.nameClass] };
    case 'oneOrMore': {
      const item = summarise(node.item, known);
      if (item.content === 'string')
        refuse(node, 'a text that is one value cannot be repeated: use <list>');
      return item;
    }
    case 'choice':
      return either(node.members, known);
    case 'group':
    case 'interleave':
      return together(node, node.kind, node.members, known);
    case 'ref': {
      const { combine, bodies } = definitionOf(node);
      return combine === 'interleave'
        ? together(node, combine, bodies, known)
        : either(bodies, known);
    }
    default:
      return unreachable(node);
  }
}

function either(members: readonly SchemaNode[], known: Map<SchemaNode, Summary>): Summary {
  return members
    .map((member) => summarise(member, known))
    .reduce((a, b) => ({ ...join(a, b), content: widest(a, b) }), { ...EMPTY, content: 'none' });
}

function together(
  node: SchemaNode,
  kind: 'group' | 'interleave',
  members: readonly SchemaNode[],
  known: Map<SchemaNode, Summary>,
): Summary {
  return members
    .map((member) => summarise(member, known))
    .reduce((a, b) => {
      if (a.content === 'none' || b.content === 'none') return { ...EMPTY, content: 'none' };
      const isString = a.content === 'string' || b.content === 'string';
      if (isString && a.content !== 'empty' && b.content !== 'empty') {
        refuse(node, 'a text that is one value cannot have elements or more text beside it');
      }
      if (clash(a.attributes, b.attributes)) refuse(node, 'the same attribute is there twice');
      if (kind === 'interleave') {
        if (a.hasText && b.hasText) refuse(node, '<text> is in two parts of an <interleave>');
        if (clash(a.elements, b.elements)) {
          refuse(node, 'elements of the same name are in two parts of an <interleave>');
        }
      }
      return { ...join(a, b), content: widest(a, b) };
    }, EMPTY);
}

function clash(some: readonly NameClass[], others: readonly NameClass[]): boolean {
  return some.some((one) => others.some((other) => overlaps(one, other)));
}

function join(a: Summary, b: Summary): Omit<Summary, 'content'> {
  return {
    attributes: [...a.attributes, ...b.attributes],
    elements: [...a.elements, ...b.elements],
    hasText: a.hasText || b.hasText,
  };
}

const CONTENT_ORDER = { none: 0, empty: 1, complex: 2, string: 3 } as const;

function widest(a: Summary, b: Summary): Summary['content'] {
  return CONTENT_ORDER[a.content] >= CONTENT_ORDER[b.content] ? a.content : b.content;
}
