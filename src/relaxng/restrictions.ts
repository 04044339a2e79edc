import { NodedevError } from '../errors.ts';
import { isOpenEnded, type NameClass, overlaps } from './name-class.ts';
import { definitionOf, partsOf, reachableNodes, type SchemaNode } from './schema-node.ts';
import { unreachable } from './unreachable.ts';

/**
 * Refuses schemas that section 7 of the specification does, and references that are undefined or lead back to
 * themselves without an element between (section 4.19). Throws `schema-invalid`.
 */
export function checkRestrictions(start: SchemaNode): void {
  const nodes = reachableNodes(start);
  checkRecursion(start);
  checkPlace(start, new Set(), new Map());
  for (const node of nodes) {
    if (node.kind !== 'element' && node.kind !== 'attribute') continue;
    checkPlace(node.content, new Set([node.kind]), new Map());
    if (node.kind !== 'element') continue;
    const summaries = new Map<SchemaNode, Summary>();
    summarise(node.content, summaries);
  }
}

function refuse(node: SchemaNode, message: string): never {
  throw new NodedevError('schema-invalid', message, { location: node.location });
}

/** Depth first; `open` holds the references on the way from the last element down to here. */
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
    for (const part of partsOf(node)) visit(part, open);
  };
  visit(start, new Set());
}

type Place = 'attribute' | 'element' | 'list' | 'except' | 'oneOrMore' | 'group' | 'repeated group';

/** Section 7.1: what cannot stand where. `places`: all between the last element (or the start) and here. */
function checkPlace(
  node: SchemaNode,
  places: ReadonlySet<Place>,
  seen: Map<SchemaNode, Set<string>>,
): void {
  const key = [...places].toSorted().join();
  const before = seen.get(node);
  if (before?.has(key) === true) return;
  if (before === undefined) seen.set(node, new Set([key]));
  else before.add(key);

  for (const place of forbidden[node.kind] ?? []) {
    if (places.has(place)) refuse(node, `<${node.kind}> cannot stand in <${place}>`);
  }
  if (places.size === 0 && insideElementsOnly.has(node.kind)) {
    refuse(node, `<${node.kind}> cannot be the start of a schema`);
  }
  if (node.kind === 'attribute') {
    if (places.has('repeated group')) {
      refuse(node, '<attribute> cannot stand in a group that is repeated');
    }
    if (isOpenEnded(node.nameClass) && !places.has('oneOrMore')) {
      refuse(node, '<attribute> with <anyName> or <nsName> must be in <oneOrMore> or <zeroOrMore>');
    }
    return;
  }
  if (node.kind === 'element') return;
  const inner = new Set([...places, ...placesIn(node, places)]);
  for (const part of partsOf(node)) checkPlace(part, inner, seen);
}

const insideElementsOnly: ReadonlySet<SchemaNode['kind']> = new Set([
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

const forbidden: Partial<Record<SchemaNode['kind'], readonly Place[]>> = {
  element: ['attribute', 'list', 'except'],
  attribute: ['attribute', 'list', 'except'],
  list: ['list', 'except'],
  text: ['list', 'except'],
  interleave: ['list', 'except'],
  group: ['except'],
  oneOrMore: ['except'],
  empty: ['except'],
};

function placesIn(node: SchemaNode, places: ReadonlySet<Place>): readonly Place[] {
  if (node.kind === 'list' || node.kind === 'oneOrMore') return [node.kind];
  if (node.kind === 'data') return ['except'];
  if (node.kind !== 'group' && node.kind !== 'interleave') return [];
  return places.has('oneOrMore') ? ['group', 'repeated group'] : ['group'];
}

/** What sections 7.2 to 7.4 look at: the parts of one element's content that its siblings could clash with. */
interface Summary {
  /** `string` for data, value and list, which can only be the whole content. */
  readonly content: 'none' | 'empty' | 'complex' | 'string';
  readonly attributes: readonly NameClass[];
  readonly elements: readonly NameClass[];
  readonly hasText: boolean;
}

const nothing: Summary = { content: 'empty', attributes: [], elements: [], hasText: false };

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
      return nothing;
    case 'notAllowed':
      return { ...nothing, content: 'none' };
    case 'text':
      return { ...nothing, content: 'complex', hasText: true };
    case 'data':
    case 'value':
    case 'list':
      return { ...nothing, content: 'string' };
    case 'attribute':
      return { ...nothing, attributes: [node.nameClass] };
    case 'element':
      return { ...nothing, content: 'complex', elements: [node.nameClass] };
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
    .reduce((a, b) => ({ ...join(a, b), content: widest(a, b) }), { ...nothing, content: 'none' });
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
      if (a.content === 'none' || b.content === 'none') return { ...nothing, content: 'none' };
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
    }, nothing);
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

const width = { none: 0, empty: 1, complex: 2, string: 3 } as const;

function widest(a: Summary, b: Summary): Summary['content'] {
  return width[a.content] >= width[b.content] ? a.content : b.content;
}
