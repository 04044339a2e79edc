import type { XmlElement, XmlText } from '../xml/element.ts';
import type { Automaton } from './automaton.ts';
import type { Derivatives } from './derivative.ts';
import type { Name, NameTable } from './name-class.ts';
import {
  enterScope,
  isNamespaceDeclaration,
  namespaceOf,
  type NamespaceScope,
  splitName,
} from './namespaces.ts';
import type { ElementPattern, Pattern } from './pattern.ts';

/** Whether a document is valid. Says nothing about why not: that takes another, slower walk (diagnosis.ts). */
export function matches(automaton: Automaton, root: XmlElement): boolean {
  return matchElement(automaton, automaton.start, root, undefined).nullable;
}

/** What is left of `state` after a child element; not allowed when it does not fit. */
function matchElement(
  automaton: Automaton,
  state: Pattern,
  element: XmlElement,
  outer: NamespaceScope | undefined,
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
  const end = matchContent(automaton, derivatives.close(open), element, scope);
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
    if (known !== undefined) state = derivatives.attribute(state, known, value, scope);
  }
  return state;
}

function matchContent(
  automaton: Automaton,
  content: Pattern,
  element: XmlElement,
  scope: NamespaceScope | undefined,
): Pattern {
  const { derivatives } = automaton;
  let state = content;
  let hasElements = false;
  let text = '';
  for (const child of element.children) {
    if (child.kind === 'text') text += child.text;
    else if (child.kind === 'element') {
      if (!isBlank(text)) state = derivatives.text(state, text, scope);
      state = matchElement(automaton, state, child, scope);
      hasElements = true;
      text = '';
    }
  }
  if (!hasElements) return matchWholeText(derivatives, state, text, scope);
  return isBlank(text) ? state : derivatives.text(state, text, scope);
}

/** The state after an element's only text: white space alone may also count as nothing (section 6.2.7). */
export function matchWholeText(
  derivatives: Derivatives,
  content: Pattern,
  text: string,
  scope: NamespaceScope | undefined,
): Pattern {
  const { patterns } = derivatives;
  const state = derivatives.text(content, text, scope);
  if (!isBlank(text)) return state;
  return state === patterns.notAllowed ? content : patterns.choice([content, state]);
}

/** Child elements and the texts between them; runs of white space, and comments inside a run, do not count. */
export function contentRuns(element: XmlElement): readonly (XmlElement | XmlText)[] {
  const runs: (XmlElement | XmlText)[] = [];
  let run: XmlText | undefined;
  for (const child of element.children) {
    if (child.kind === 'text') {
      run = run === undefined ? child : { ...run, text: run.text + child.text };
    } else if (child.kind === 'element') {
      if (run !== undefined && !isBlank(run.text)) runs.push(run);
      run = undefined;
      runs.push(child);
    }
  }
  if (run !== undefined && !isBlank(run.text)) runs.push(run);
  return runs;
}

/** All text of an element that has no child elements. */
export function wholeText(element: XmlElement): string {
  let text = '';
  for (const child of element.children) if (child.kind === 'text') text += child.text;
  return text;
}

/** Which of several elements of the schema an element was: those whose content is complete. */
export function finished(end: Pattern): ReadonlySet<ElementPattern> {
  const members = end.kind === 'choice' ? end.members : [end];
  return new Set(
    members.flatMap((member) =>
      member.kind === 'after' && member.nullable ? [member.element] : [],
    ),
  );
}

/** An element's name as the schema tells names apart. */
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

/** As {@link elementName}, for an attribute: without a prefix it is in no namespace. Undefined: a declaration. */
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

/** White space is all there is, if anything. */
export function isBlank(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code !== 0x20 && code !== 0x0a && code !== 0x09 && code !== 0x0d) return false;
  }
  return true;
}
