import { Derivatives } from './derivative.ts';
import { PatternFactory } from './intern.ts';
import { NameTable } from './name-class.ts';
import type { Pattern } from './pattern.ts';
import { definitionOf, reachableNodes, type SchemaNode } from './schema-node.ts';
import { unreachable } from './unreachable.ts';

/** A compiled schema. */
export interface Automaton {
  readonly names: NameTable;
  readonly derivatives: Derivatives;
  readonly start: Pattern;
}

/** Turns a checked schema into patterns. The contents of elements are turned when they are first needed. */
export function buildAutomaton(start: SchemaNode): Automaton {
  const patterns = new PatternFactory();
  const built = new Map<SchemaNode | readonly SchemaNode[], Pattern>();

  const remember = (key: SchemaNode | readonly SchemaNode[], make: () => Pattern): Pattern => {
    const known = built.get(key);
    if (known !== undefined) return known;
    const fresh = make();
    built.set(key, fresh);
    return fresh;
  };

  const combine = (
    kind: 'choice' | 'group' | 'interleave',
    members: readonly SchemaNode[],
  ): Pattern => {
    const parts = members.map(build);
    if (kind === 'choice') return patterns.choice(parts);
    // From the right, so that a derivative by the first part does not build the other parts again.
    return parts.reduceRight((rest, part) => patterns[kind](part, rest), patterns.empty);
  };

  /** Each node is built once, because elements, attributes and texts are compared by identity. */
  function build(node: SchemaNode): Pattern {
    switch (node.kind) {
      case 'empty':
      case 'notAllowed':
      case 'text':
        return patterns[node.kind];
      case 'element':
      case 'attribute':
        return remember(node, () => patterns[node.kind](node.nameClass, () => build(node.content)));
      case 'data':
        return remember(node, () =>
          patterns.data(
            node.datatype,
            node.except === undefined ? undefined : build(node.except),
            node.label,
          ),
        );
      case 'value':
        return remember(node, () => patterns.value(node.datatype, node.key, node.text));
      case 'oneOrMore':
      case 'list':
        return remember(node, () => patterns[node.kind](build(node.item)));
      case 'choice':
      case 'group':
      case 'interleave':
        return remember(node, () => combine(node.kind, node.members));
      case 'ref': {
        const definition = definitionOf(node);
        return remember(definition.bodies, () =>
          combine(definition.combine ?? 'group', definition.bodies),
        );
      }
      default:
        return unreachable(node);
    }
  }

  const nameClasses = [];
  for (const node of reachableNodes(start)) {
    if (node.kind === 'element' || node.kind === 'attribute') nameClasses.push(node.nameClass);
  }
  return {
    names: new NameTable(nameClasses),
    derivatives: new Derivatives(patterns),
    start: build(start),
  };
}
