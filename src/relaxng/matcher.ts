import type { XmlElement, XmlText } from '../xml/element.ts';
import type { Automaton } from './automaton.ts';
import type { Derivatives } from './derivative.ts';
import type { Name, NameTable } from './name-class.ts';
import {
  enterScope,
  isNamespaceDeclaration,
  isSameScope,
  namespaceOf,
  type NamespaceScope,
  splitName,
} from '../xml/namespaces.ts';
import type { ElementPattern, Pattern } from './pattern.ts';

/** The state after an element in the place where it was seen last: it holds as long as nothing in the element changes. */
export type KnownStates = WeakMap<
  XmlElement,
  {
    readonly before: Pattern;
    readonly scope: NamespaceScope | undefined;
    readonly after: Pattern;
  }
>;

/** Whether a document is valid. Why it is not valid is found by a second, slower walk (explain-invalid.ts). */
export function matches(automaton: Automaton, root: XmlElement, known?: KnownStates): boolean {
  return matchElement(automaton, automaton.start, root, undefined, known).nullable;
}

/** The state after a child element: not allowed when the element does not match. */
export function matchElement(
  automaton: Automaton,
  state: Pattern,
  element: XmlElement,
  outer: NamespaceScope | undefined,
  known?: KnownStates,
): Pattern {
  if (known === undefined) return findAfter(automaton, state, element, outer, known);
  const last = known.get(element);
  if (last?.before === state && isSameScope(last.scope, outer)) return last.after;
  const after = findAfter(automaton, state, element, outer, known);
  known.set(element, { before: state, scope: outer, after });
  return after;
}

function findAfter(
  automaton: Automaton,
  state: Pattern,
  element: XmlElement,
  outer: NamespaceScope | undefined,
  known: KnownStates | undefined,
): Pattern {
  const { derivatives } = automaton;
  const { notAllowed } = derivatives.patterns;
  const scope = enterScope(element, outer);
  const name = elementName(automaton.names, element.name, scope);
  const { ways, content, ends } = derivatives.elements(state, name);
  const [only] = ways;
  if (only === undefined) return notAllowed;
  const open = matchAttributes(automaton, content, element, scope);
  if (open === notAllowed) return notAllowed;
  const end = matchContent(automaton, derivatives.close(open), element, scope, known);
  if (!end.nullable) return notAllowed;
  if (ways.length === 1) return only.rest;
  let rest = ends.get(end);
  if (rest === undefined) {
    const possible = finished(end);
    const left = ways.filter(({ target }) => possible.has(target));
    rest = derivatives.patterns.choice(left.map((way) => way.rest));
    ends.set(end, rest);
  }
  return rest;
}

function matchAttributes(
  automaton: Automaton,
  content: Pattern,
  element: XmlElement,
  scope: NamespaceScope | undefined,
): Pattern {
  const { derivatives, names } = automaton;
  let state = content;
  for (const { name, value } of element.attributes) {
    const known = attributeName(names, name, scope);
    if (known !== undefined) state = derivatives.attribute(state, known, value);
  }
  return state;
}

function matchContent(
  automaton: Automaton,
  content: Pattern,
  element: XmlElement,
  scope: NamespaceScope | undefined,
  known: KnownStates | undefined,
): Pattern {
  const { derivatives } = automaton;
  let state = content;
  let hasElements = false;
  let text = '';
  for (const child of element.children) {
    if (child.kind === 'text') text += child.text;
    else if (child.kind === 'element') {
      if (!isBlank(text)) state = derivatives.text(state, text);
      state = matchElement(automaton, state, child, scope, known);
      if (state.kind === 'notAllowed') return state;
      hasElements = true;
      text = '';
    }
  }
  if (!hasElements) return matchWholeText(derivatives, state, text);
  return isBlank(text) ? state : derivatives.text(state, text);
}

/** The state after an element's only text. White space alone may also count as no text (section 6.2.7). */
export function matchWholeText(derivatives: Derivatives, content: Pattern, text: string): Pattern {
  const { patterns } = derivatives;
  const state = derivatives.text(content, text);
  if (!isBlank(text)) return state;
  return state === patterns.notAllowed ? content : patterns.choice([content, state]);
}

/** Child elements and the texts between them, without white space alone. A comment does not divide a text. */
export function contentRuns(element: XmlElement): readonly (XmlElement | XmlText)[] {
  const runs: (XmlElement | XmlText)[] = [];
  let run: XmlText | undefined;
  for (const child of element.children) {
    if (child.kind === 'text') {
      run = run === undefined ? child : joined(run, child);
    } else if (child.kind === 'element') {
      if (run !== undefined && !isBlank(run.text)) runs.push(run);
      run = undefined;
      runs.push(child);
    }
  }
  if (run !== undefined && !isBlank(run.text)) runs.push(run);
  return runs;
}

/** The place is a getter of the text's, so it is asked for by name. */
function joined(run: XmlText, more: XmlText): XmlText {
  return { kind: 'text', text: run.text + more.text, location: run.location };
}

/** All text of an element that has no child elements. */
export function wholeText(element: XmlElement): string {
  let text = '';
  for (const child of element.children) if (child.kind === 'text') text += child.text;
  return text;
}

/** The elements of the schema whose content is complete in this state: the element in the document was one of them. */
export function finished(end: Pattern): ReadonlySet<ElementPattern> {
  const members = end.kind === 'choice' ? end.members : [end];
  return new Set(
    members.flatMap((member) =>
      member.kind === 'after' && member.nullable ? [member.element] : [],
    ),
  );
}

/** The {@link Name} of an element. */
export function elementName(
  names: NameTable,
  qualified: string,
  scope: NamespaceScope | undefined,
): Name {
  const known = scope === undefined ? names.mentioned(qualified) : undefined;
  if (known !== undefined) return known;
  const { prefix, local } = splitName(qualified);
  return names.find(namespaceOf(prefix, scope), local);
}

/** The {@link Name} of an attribute: without a prefix it is in no namespace. Undefined: a namespace declaration. */
export function attributeName(
  names: NameTable,
  qualified: string,
  scope: NamespaceScope | undefined,
): Name | undefined {
  const known = names.mentioned(qualified);
  if (known !== undefined) return known;
  if (isNamespaceDeclaration(qualified)) return undefined;
  const { prefix, local } = splitName(qualified);
  return names.find(prefix === '' ? '' : namespaceOf(prefix, scope), local);
}

/** Whether a text is empty or only white space. */
export function isBlank(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code !== 0x20 && code !== 0x0a && code !== 0x09 && code !== 0x0d) return false;
  }
  return true;
}
