import type { XmlAttribute, XmlElement } from '../xml/element.ts';
import type { Automaton } from './automaton.ts';
import { attributeNames, requirements, textExpectation } from './expectation.ts';
import type { Findings } from './findings.ts';
import { attributeName } from './matcher.ts';
import * as messages from './messages.ts';
import type { Name } from './name-class.ts';
import type { NamespaceScope } from '../xml/namespaces.ts';
import { nearMiss } from '../suggest.ts';
import type { AttributePattern, Pattern, Transition } from './pattern.ts';
import { withoutAttributes } from './recovery.ts';

/** An element after its attributes. */
interface StartedElement {
  /** The element in messages: `<capability type='mdev'>`, with the attributes that decide which content it may have. */
  readonly title: string;
  /** The state before its content. */
  readonly rest: Pattern;
}

/** A longer value is left out of titles. */
const LONGEST_IN_TITLE = 40;

/**
 * Reports the mistakes in an element's attributes. Attributes that decide which content is allowed are looked at first,
 * whatever their order. Returns undefined when, after a mistake in one of them, several contents are possible.
 */
export function explainAttributes(
  automaton: Automaton,
  findings: Findings,
  content: Pattern,
  element: XmlElement,
  scope: NamespaceScope | undefined,
): StartedElement | undefined {
  const { derivatives } = automaton;
  let state = content;
  let title = `<${element.name}>`;
  for (const attribute of decidingFirst(automaton, content, element, scope)) {
    const { name, value, key } = attribute;
    const { ways, content: values } = derivatives.attributes(state, key);
    if (ways.length === 0) {
      state = unexpected(automaton, findings, state, attribute, element, title);
      continue;
    }
    const fitting = ways.filter(accepts(automaton, value));
    if (fitting.length > 0) {
      state = derivatives.patterns.choice(fitting.map(({ rest }) => rest));
      const decides = fitting.length < ways.length && value.length <= LONGEST_IN_TITLE;
      if (decides) title = `${title.slice(0, -1)} ${name}='${value}'>`;
      continue;
    }
    const expected = textExpectation(values);
    findings.report(attribute, (at) =>
      messages.badAttributeValue(at, name, value, title, expected),
    );
    const near = nearMiss(value, expected.values);
    const meant = near === undefined ? ways : ways.filter(accepts(automaton, near));
    const rests = new Set(meant.map(({ rest }) => rest));
    if (rests.size > 1) return undefined;
    state = derivatives.patterns.choice([...rests]);
  }
  return close(automaton, findings, content, state, element, title);
}

function close(
  { derivatives, names }: Automaton,
  findings: Findings,
  content: Pattern,
  state: Pattern,
  element: XmlElement,
  title: string,
): StartedElement | undefined {
  const closed = derivatives.close(state);
  if (closed.kind !== 'notAllowed') return { title, rest: closed };
  const required = requirements(state, 'attribute');
  const missing = required.length > 0 ? required : [attributeNames(state)];
  for (const alternatives of missing) {
    const [only = '', another] = alternatives;
    const expected =
      another === undefined
        ? textExpectation(derivatives.attributes(state, names.find('', only)).content)
        : undefined;
    findings.report(element, (at) => messages.attributeMissing(at, title, alternatives, expected));
  }
  const decides = missing
    .flat()
    .some((name) => derivatives.attributes(content, names.find('', name)).ways.length > 1);
  return decides ? undefined : { title, rest: withoutAttributes(derivatives, state) };
}

function accepts(
  { derivatives }: Automaton,
  value: string,
): (way: Transition<AttributePattern>) => boolean {
  return ({ target }) => derivatives.matchesText(target.content(), value);
}

function decidingFirst(
  { derivatives, names }: Automaton,
  content: Pattern,
  element: XmlElement,
  scope: NamespaceScope | undefined,
): readonly (XmlAttribute & { readonly key: Name })[] {
  const keyed = element.attributes.flatMap(({ name, value, location }) => {
    const key = attributeName(names, name, scope);
    return key === undefined ? [] : [{ name, value, location, key }];
  });
  const decides = ({ key }: { readonly key: Name }): boolean =>
    derivatives.attributes(content, key).ways.length > 1;
  return [...keyed.filter(decides), ...keyed.filter((attribute) => !decides(attribute))];
}

/** Reports an attribute that is not allowed. If the name of an allowed one is similar, it is taken for that one. */
function unexpected(
  { derivatives, names }: Automaton,
  findings: Findings,
  state: Pattern,
  attribute: XmlAttribute,
  element: XmlElement,
  title: string,
): Pattern {
  const allowed = attributeNames(state).filter(
    (name) => !element.attributes.some((other) => other.name === name),
  );
  findings.report(attribute, (at) =>
    messages.attributeUnexpected(at, attribute.name, title, allowed),
  );
  const near = nearMiss(attribute.name, allowed);
  if (near === undefined) return state;
  const { ways } = derivatives.attributes(state, names.find('', near));
  return ways.length === 0 ? state : derivatives.patterns.choice(ways.map(({ rest }) => rest));
}
