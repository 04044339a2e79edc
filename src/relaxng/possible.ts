import type { XmlElement } from '../xml/element.ts';
import { enterScope, type NamespaceScope } from '../xml/namespaces.ts';
import type { Automaton } from './automaton.ts';
import { attributeNames, elementNames, textExpectation } from './expectation.ts';
import { attributeName, elementName, matchElement } from './matcher.ts';
import type { Pattern } from './pattern.ts';
import { withoutAttributes } from './recovery.ts';

/** What a schema allows at a place. Names and values are the schema's, in its order. */
export interface Possible {
  /** Child elements, at once or later. */
  readonly elements: readonly string[];
  /** Attributes that the last element of the path does not have. */
  readonly attributes: readonly string[];
  /** Values of the last element's text, where they are fixed. */
  readonly texts: readonly string[];
  /** Values of an attribute, where they are fixed. */
  readonly valuesOf: (attribute: string) => readonly string[];
}

/**
 * What can come at the end of a path of open elements, each with its attributes and with the children before that place. What is
 * wrong in them is passed over. Undefined: the schema does not know an element of the path.
 */
export function possibleAt(
  automaton: Automaton,
  path: readonly XmlElement[],
): Possible | undefined {
  const { derivatives, names, start } = automaton;
  let content: Pattern = start;
  let scope: NamespaceScope | undefined;
  let tag: Pattern = start;
  for (const [index, element] of path.entries()) {
    scope = enterScope(element, scope);
    const { ways } = derivatives.elements(content, elementName(names, element.name, scope));
    if (ways.length === 0) return undefined;
    tag = derivatives.patterns.choice(ways.map(({ target }) => target.content()));
    for (const { name, value } of element.attributes) {
      const known = attributeName(names, name, scope);
      if (known !== undefined) tag = unless(derivatives.attribute(tag, known, value), tag);
    }
    content = unless(derivatives.close(tag), withoutAttributes(derivatives, tag));
    const next = path[index + 1];
    for (const child of element.children) {
      if (child.kind !== 'element' || child === next) continue;
      content = unless(after(automaton, content, child, scope), content);
    }
  }
  const present = new Set(path.at(-1)?.attributes.map(({ name }) => name));
  return {
    elements: elementNames(content),
    attributes: path.length === 0 ? [] : attributeNames(tag).filter((name) => !present.has(name)),
    texts: path.length === 0 ? [] : textExpectation(content).values,
    valuesOf: (attribute) =>
      textExpectation(derivatives.attributes(tag, names.find('', attribute)).content).values,
  };
}

/** The state after a child. Its content is looked at only where that decides: a document may have thousands before the place. */
function after(
  automaton: Automaton,
  content: Pattern,
  child: XmlElement,
  scope: NamespaceScope | undefined,
): Pattern {
  const { derivatives, names } = automaton;
  const name = elementName(names, child.name, enterScope(child, scope));
  const [rest, other] = new Set(derivatives.elements(content, name).ways.map((way) => way.rest));
  return rest !== undefined && other === undefined
    ? rest
    : matchElement(automaton, content, child, scope);
}

/** A state, or the one before where nothing is possible any more. */
const unless = (state: Pattern, before: Pattern): Pattern =>
  state.kind === 'notAllowed' ? before : state;
