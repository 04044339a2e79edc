import { type Location, NodedevError } from '../errors.ts';
import type { Datatype } from './datatype.ts';
import type { NameClass } from './name-class.ts';
import { unreachable } from './unreachable.ts';

/**
 * A schema as read, in the simple form of section 4 of the specification, with references still unresolved: the
 * shorthands (`optional`, `mixed`, `div`, `include`, …) are gone, every name carries its namespace.
 */
export type SchemaNode =
  | {
      readonly kind: 'empty' | 'notAllowed' | 'text';
      readonly location: Location | undefined;
    }
  | {
      readonly kind: 'element' | 'attribute';
      readonly nameClass: NameClass;
      readonly content: SchemaNode;
      readonly location: Location | undefined;
    }
  | {
      readonly kind: 'choice' | 'group' | 'interleave';
      readonly members: readonly SchemaNode[];
      readonly location: Location | undefined;
    }
  | {
      readonly kind: 'oneOrMore' | 'list';
      readonly item: SchemaNode;
      readonly location: Location | undefined;
    }
  | {
      readonly kind: 'data';
      readonly datatype: Datatype;
      readonly except: SchemaNode | undefined;
      /** What messages call it. */
      readonly label: string | undefined;
      readonly location: Location | undefined;
    }
  | {
      readonly kind: 'value';
      readonly datatype: Datatype;
      readonly key: string;
      readonly text: string;
      readonly location: Location | undefined;
    }
  | {
      readonly kind: 'ref';
      readonly name: string;
      /** Where the name is defined: the grammar around the reference, or for `parentRef` the one around that. */
      readonly grammar: Grammar;
      readonly location: Location | undefined;
    };

/** The definitions of a `<grammar>`; its start is the one called {@link startName}. */
export interface Grammar {
  readonly parent: Grammar | undefined;
  readonly definitions: Map<string, Definition>;
}

/** No `<define>` can have this name, so the start needs no place of its own. */
export const startName = '<start>';

/** All `<define>`s of one name, combined. */
export interface Definition {
  readonly combine: 'choice' | 'interleave' | undefined;
  /** One of them may do without `combine` (section 4.17). */
  readonly hasPlain: boolean;
  readonly bodies: readonly SchemaNode[];
}

type Reference = Extract<SchemaNode, { readonly kind: 'ref' }>;

/** What a reference means. Throws `schema-invalid` when nothing of that name is defined. */
export function definitionOf({ name, grammar, location }: Reference): Definition {
  const definition = grammar.definitions.get(name);
  if (definition !== undefined) return definition;
  const message = name === startName ? 'the grammar has no <start>' : `'${name}' is not defined`;
  throw new NodedevError('schema-invalid', message, { location });
}

/** The parts of a node; of a reference those of its definition. */
export function partsOf(node: SchemaNode): readonly SchemaNode[] {
  switch (node.kind) {
    case 'empty':
    case 'notAllowed':
    case 'text':
    case 'value':
      return [];
    case 'data':
      return node.except === undefined ? [] : [node.except];
    case 'element':
    case 'attribute':
      return [node.content];
    case 'oneOrMore':
    case 'list':
      return [node.item];
    case 'choice':
    case 'group':
    case 'interleave':
      return node.members;
    case 'ref':
      return definitionOf(node).bodies;
    default:
      return unreachable(node);
  }
}

/** Every node a document can meet, each once, references followed. Throws as {@link definitionOf}. */
export function reachableNodes(start: SchemaNode): ReadonlySet<SchemaNode> {
  const reached = new Set<SchemaNode>([start]);
  // A set is walked in the order of insertion, what is added on the way included.
  for (const node of reached) for (const part of partsOf(node)) reached.add(part);
  return reached;
}
