import { attributeOf, type XmlElement } from '../xml/element.ts';
import {
  fail,
  relaxngName,
  required,
  type SchemaContext,
  schemaChildren,
} from './schema-context.ts';
import { type Grammar, type SchemaNode, START_NAME } from './schema-node.ts';

/** The definitions that an `<include>` replaces. The included grammar must have all of them (section 4.7). */
export class Overrides {
  readonly #replaced: Map<string, boolean>;

  constructor(names: readonly string[]) {
    this.#replaced = new Map(names.map((name) => [name, false]));
  }

  /** Whether this definition of the included grammar is replaced. */
  replace(name: string): boolean {
    if (!this.#replaced.has(name)) return false;
    this.#replaced.set(name, true);
    return true;
  }

  unused(): readonly string[] {
    return [...this.#replaced].flatMap(([name, used]) => (used ? [] : [name]));
  }
}

/** The definitions inside an `<include>`, and inside its `<div>`s. */
export function readOverrides(context: SchemaContext, include: XmlElement): Overrides {
  const names = (owner: XmlElement): readonly string[] =>
    schemaChildren(context, owner).flatMap((child) => {
      switch (relaxngName(context, child)) {
        case 'start':
          return [START_NAME];
        case 'define':
          return [required(context, child, 'name')];
        case 'div':
          return names(child);
        case undefined:
        default:
          return fail(context, child, `<${child.name}> is not allowed in <include>`);
      }
    });
  return new Overrides(names(include));
}

/** Section 4.17: definitions of one name are combined. All but one of them must have the same `combine`. */
export function addDefinition(
  context: SchemaContext,
  element: XmlElement,
  grammar: Grammar,
  name: string,
  body: SchemaNode,
): void {
  const combine = readCombine(context, element);
  const earlier = grammar.definitions.get(name);
  const what = name === START_NAME ? '<start>' : `'${name}'`;
  if (earlier !== undefined && combine === undefined && earlier.hasPlain) {
    fail(context, element, `${what} is defined twice: one of them needs a combine attribute`);
  }
  if (combine !== undefined && earlier?.combine !== undefined && combine !== earlier.combine) {
    fail(context, element, `${what} is combined by both choice and interleave`);
  }
  grammar.definitions.set(name, {
    combine: combine ?? earlier?.combine,
    hasPlain: combine === undefined || earlier?.hasPlain === true,
    bodies: [...(earlier?.bodies ?? []), body],
  });
}

function readCombine(
  context: SchemaContext,
  element: XmlElement,
): 'choice' | 'interleave' | undefined {
  const combine = attributeOf(element, 'combine')?.trim();
  if (combine === undefined || combine === 'choice' || combine === 'interleave') return combine;
  return fail(context, element, `combine must be 'choice' or 'interleave', not '${combine}'`);
}
