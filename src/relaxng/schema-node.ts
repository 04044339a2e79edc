import { type Location, NodedevError } from '../errors.ts';
import type { Datatype } from './datatype.ts';
import type { NameClass } from './name-class.ts';
import { unreachable } from './unreachable.ts';

/**
 * A schema in the simple form of section 4 of the specification: without shorthands (`optional`, `mixed`, `div`,
 * `include`, …), and with a namespace for every name. References are not yet resolved.
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
      /** Its name in messages. */
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
      /** The grammar with the definition: the one around the reference, or for `parentRef` the next outer one. */
      readonly grammar: Grammar;
      readonly location: Location | undefined;
    };

/** The definitions of a `<grammar>`. Its start has the name {@link START_NAME}. */
export interface Grammar {
  readonly parent: Grammar | undefined;
  readonly definitions: Map<string, Definition>;
}

/** The name of the start among the definitions. No `<define>` can have it. */
export const START_NAME = '<start>';

/** All `<define>`s of one name, combined. */
export interface Definition {
  readonly combine: 'choice' | 'interleave' | undefined;
  /** Whether one of them has no `combine`: only one may be without it (section 4.17). */
  readonly hasPlain: boolean;
  readonly bodies: readonly SchemaNode[];
}

type Reference = Extract<SchemaNode, { readonly kind: 'ref' }>;

/** The definition that a reference names. @throws NodedevError `schema-invalid` when there is none */
export function definitionOf({ name, grammar, location }: Reference): Definition {
  const definition = grammar.definitions.get(name);
  if (definition !== undefined) return definition;
  const message = name === START_NAME ? 'the grammar has no <start>' : `'${name}' is not defined`;
  throw new NodedevError('schema-invalid', message, { location });
}

/** The parts of a node. The parts of a reference are those of its definition. */
export function partsOfNode(node: SchemaNode): readonly SchemaNode[] {
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

/** Every node that can be reached from the start, through references too. Throws as {@link definitionOf} does. */
export function reachableNodes(start: SchemaNode): ReadonlySet<SchemaNode> {
  const reached = new Set<SchemaNode>([start]);
  // The loop also visits the nodes that are added while it runs.
  for (const node of reached) for (const part of partsOfNode(node)) reached.add(part);
  return reached;
}
