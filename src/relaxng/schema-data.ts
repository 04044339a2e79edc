import { type Datatype, findDatatype, type Parameter } from './datatype.ts';
import type { NameClass } from './name-class.ts';
import { type Definition, definitionOf, reachableNodes, type SchemaNode } from './schema-node.ts';
import { unreachable } from './unreachable.ts';

/**
 * A checked schema as JSON: read, included, and without a mistake. Nodes name each other by number. Places are left out:
 * only mistakes of a schema have some.
 */
export interface SchemaData {
  readonly nodes: readonly NodeData[];
  readonly definitions: readonly (readonly [
    combine: Definition['combine'] | '',
    ...bodies: number[],
  ])[];
}

type TypeData = readonly [library: string, name: string, parameters: readonly Parameter[]];

type NodeData =
  | readonly [kind: 'empty' | 'notAllowed' | 'text']
  | readonly [kind: 'element' | 'attribute', nameClass: NameClass, content: number]
  | readonly [kind: 'choice' | 'group' | 'interleave', members: readonly number[]]
  | readonly [kind: 'oneOrMore' | 'list', item: number]
  | readonly [kind: 'data', type: TypeData, label: string, except: number | '']
  | readonly [kind: 'value', type: TypeData, key: string, text: string]
  | readonly [kind: 'ref', definition: number];

/** A schema's nodes as data; the first of them is its start. */
export function schemaData(start: SchemaNode): SchemaData {
  const nodes = [...reachableNodes(start)];
  const numbers = new Map(nodes.map((node, number) => [node, number]));
  const numberOf = (node: SchemaNode): number => numbers.get(node) ?? -1;
  const definitions = [
    ...new Set(nodes.flatMap((node) => (node.kind === 'ref' ? [definitionOf(node)] : []))),
  ];
  const data = (node: SchemaNode): NodeData => {
    switch (node.kind) {
      case 'empty':
      case 'notAllowed':
      case 'text':
        return [node.kind];
      case 'element':
      case 'attribute':
        return [node.kind, node.nameClass, numberOf(node.content)];
      case 'choice':
      case 'group':
      case 'interleave':
        return [node.kind, node.members.map(numberOf)];
      case 'oneOrMore':
      case 'list':
        return [node.kind, numberOf(node.item)];
      case 'data': {
        const except = node.except === undefined ? '' : numberOf(node.except);
        return [node.kind, typeData(node.datatype), node.label ?? '', except];
      }
      case 'value':
        return [node.kind, typeData(node.datatype), node.key, node.text];
      case 'ref':
        return [node.kind, definitions.indexOf(definitionOf(node))];
      default:
        return unreachable(node);
    }
  };
  return {
    nodes: nodes.map(data),
    definitions: definitions.map(({ combine, bodies }) => [combine ?? '', ...bodies.map(numberOf)]),
  };
}

function typeData({ library, name, parameters }: Datatype): TypeData {
  return [library, name, parameters];
}

/** The schema that {@link schemaData} was made of, without its places. */
export function schemaOfData({ nodes, definitions }: SchemaData): SchemaNode {
  const location = undefined;
  const grammar = { parent: undefined, definitions: new Map<string, Definition>() };
  const made: SchemaNode[] = [];
  const nodeOf = (number: number): SchemaNode => (made[number] ??= make(number));
  const make = (number: number): SchemaNode => {
    const data = nodes[number];
    if (data === undefined) throw new Error(`the compiled schema has no node ${number}`);
    switch (data[0]) {
      case 'empty':
      case 'notAllowed':
      case 'text':
        return { kind: data[0], location };
      case 'element':
      case 'attribute':
        return { kind: data[0], nameClass: data[1], content: nodeOf(data[2]), location };
      case 'choice':
      case 'group':
      case 'interleave':
        return { kind: data[0], members: data[1].map(nodeOf), location };
      case 'oneOrMore':
      case 'list':
        return { kind: data[0], item: nodeOf(data[1]), location };
      case 'data': {
        const [kind, type, label, except] = data;
        return {
          kind,
          datatype: datatypeOf(type),
          except: except === '' ? undefined : nodeOf(except),
          label: label === '' ? undefined : label,
          location,
        };
      }
      case 'value':
        return {
          kind: 'value',
          datatype: datatypeOf(data[1]),
          key: data[2],
          text: data[3],
          location,
        };
      case 'ref':
        return { kind: 'ref', name: String(data[1]), grammar, location };
      default:
        return unreachable(data);
    }
  };
  for (const [number, [combine, ...bodies]] of definitions.entries()) {
    grammar.definitions.set(String(number), {
      combine: combine === '' ? undefined : combine,
      hasPlain: combine === '',
      bodies: bodies.map(nodeOf),
    });
  }
  return nodeOf(0);
}

function datatypeOf([library, name, parameters]: TypeData): Datatype {
  const datatype = findDatatype(library, name, parameters);
  if (typeof datatype === 'string') throw new Error(datatype);
  return datatype;
}
