import { byLocation, type Issue, type Location } from '../errors.ts';
import type { XmlElement, XmlText } from '../xml/element.ts';
import type { Automaton } from './automaton.ts';
import { explainAttributes } from './explain-attributes.ts';
import { Findings, type FindingsOptions } from './findings.ts';
import { elementNames, nextElementNames, requirements, textExpectation } from './expectation.ts';
import {
  contentRuns,
  elementName,
  finished,
  isBlank,
  type KnownStates,
  matchElement,
  matchWholeText,
  wholeText,
} from './matcher.ts';
import * as messages from './messages.ts';
import { enterScope, type NamespaceScope } from '../xml/namespaces.ts';
import { nearMiss } from '../suggest.ts';
import type { ElementPattern, Pattern, Transition } from './pattern.ts';
import { skipTo } from './recovery.ts';

/**
 * The mistakes of an invalid document, with their locations. It walks the document as the matcher does. After each
 * mistake it goes on as if the mistake had been corrected, so that one mistake is one issue. The result is never empty
 * for an invalid document, because the states up to the first mistake are the matcher's.
 */
export function explainInvalid(
  automaton: Automaton,
  root: XmlElement,
  options: FindingsOptions,
  known?: KnownStates,
): readonly Issue[] {
  const findings = new Findings(options);
  new InvalidDocument(automaton, findings, known).root(root);
  return findings.issues.toSorted(byLocation);
}

/** An element whose children are being walked. */
interface OpenElement {
  readonly element: XmlElement;
  /** The element in messages: `<capability type='mdev'>`, with the attributes that decide which content it may have. */
  readonly title: string;
  /** The state before the first child. */
  readonly content: Pattern;
  readonly scope: NamespaceScope | undefined;
  /** Names reported as missing before another child. It is no further mistake when they are absent or come later. */
  readonly excused: Set<string>;
  /** Names of children reported as not allowed in their place. It is no further mistake that they are missing. */
  readonly rejected: Set<string>;
  /** The number of issues before this element's children. */
  readonly issuesBefore: number;
}

class InvalidDocument {
  readonly #automaton: Automaton;
  readonly #findings: Findings;
  readonly #known: KnownStates | undefined;

  constructor(automaton: Automaton, findings: Findings, known: KnownStates | undefined) {
    this.#automaton = automaton;
    this.#findings = findings;
    this.#known = known;
  }

  root(element: XmlElement): void {
    const { derivatives, names, start } = this.#automaton;
    const scope = enterScope(element, undefined);
    const { ways } = derivatives.elements(start, elementName(names, element.name, scope));
    if (ways.length > 0) {
      this.#inside(ways, element, scope);
      return;
    }
    const allowed = nextElementNames(start);
    this.#findings.report(element, (at) =>
      messages.elementUnexpected(at, element.name, undefined, allowed),
    );
    const near = nearMiss(element.name, allowed);
    if (near === undefined) return;
    this.#inside(derivatives.elements(start, names.find('', near)).ways, element, scope);
  }

  /** Walks a child element. Returns the state of its parent after it. */
  #child(
    state: Pattern,
    element: XmlElement,
    previous: XmlElement | undefined,
    parent: OpenElement,
  ): Pattern {
    if (this.#findings.isFull) return state;
    const after = matchElement(this.#automaton, state, element, parent.scope, this.#known);
    if (after.kind !== 'notAllowed') return after;
    const { derivatives, names } = this.#automaton;
    const scope = enterScope(element, parent.scope);
    const name = elementName(names, element.name, scope);
    const { ways } = derivatives.elements(state, name);
    if (ways.length > 0) return this.#inside(ways, element, scope);

    const late = skipTo(derivatives, state, name);
    const [first] = late;
    if (first !== undefined) {
      for (const requirement of first.skipped) this.#skipped(requirement, element, parent);
      return this.#inside(late, element, scope);
    }
    if (parent.excused.has(element.name)) {
      // That it comes too late has been reported. Only its own content is checked.
      this.#inside(skipTo(derivatives, parent.content, name), element, scope);
      return state;
    }
    parent.rejected.add(element.name);
    const isKnown = skipTo(derivatives, parent.content, name).length > 0;
    const allowed = nextElementNames(state);
    if (isKnown) {
      this.#findings.report(element, (at) =>
        this.#misplaced(at, element, previous, parent, allowed),
      );
      return state;
    }
    const later = elementNames(state);
    this.#findings.report(element, (at) =>
      messages.elementUnexpected(at, element.name, parent.title, later),
    );
    const near = nearMiss(element.name, later);
    const meant = near === undefined ? [] : skipTo(derivatives, state, names.find(name.ns, near));
    return meant.length > 0 ? this.#inside(meant, element, scope) : state;
  }

  #misplaced(
    at: Location | undefined,
    element: XmlElement,
    previous: XmlElement | undefined,
    parent: OpenElement,
    allowed: readonly string[],
  ): Issue {
    const isRepeated = parent.element.children.some(
      (other) => other.kind === 'element' && other !== element && other.name === element.name,
    );
    return isRepeated
      ? messages.elementRepeated(at, element.name, parent.title)
      : messages.elementMisplaced(at, element.name, parent.title, previous?.name, allowed);
  }

  /** Reports a required child that did not come before `element`: it comes later, or it is missing. */
  #skipped(requirement: readonly string[], element: XmlElement, parent: OpenElement): void {
    if (requirement.some((name) => parent.excused.has(name))) return;
    const siblings = parent.element.children.filter((node) => node.kind === 'element');
    const later = siblings
      .slice(siblings.indexOf(element) + 1)
      .find((sibling) => requirement.includes(sibling.name));
    for (const name of requirement) parent.excused.add(name);
    if (later === undefined) {
      this.#findings.report(parent.element, (at) =>
        messages.elementMissing(at, parent.title, requirement),
      );
    } else {
      this.#findings.report(element, (at) =>
        messages.elementOrder(at, element.name, later.name, parent.title),
      );
    }
  }

  /** Walks an element that matches one of `ways`. Returns the state of its parent after it. */
  #inside(
    ways: readonly Transition<ElementPattern>[],
    element: XmlElement,
    scope: NamespaceScope | undefined,
  ): Pattern {
    const { patterns } = this.#automaton.derivatives;
    const content = patterns.choice(
      ways.length === 1
        ? ways.map(({ target }) => target.content())
        : ways.map(({ target }) => patterns.after(target.content(), target)),
    );
    const end = this.#contentOf(content, element, scope);
    const possible = finished(end);
    const left = ways.filter(({ target }) => possible.has(target));
    return patterns.choice((left.length > 0 ? left : ways).map(({ rest }) => rest));
  }

  /** Walks an element's attributes and content. Returns the state at its end. */
  #contentOf(content: Pattern, element: XmlElement, scope: NamespaceScope | undefined): Pattern {
    const opened = explainAttributes(this.#automaton, this.#findings, content, element, scope);
    if (opened === undefined) return content;
    const frame: OpenElement = {
      element,
      title: opened.title,
      content: opened.rest,
      scope,
      excused: new Set(),
      rejected: new Set(),
      issuesBefore: this.#findings.issues.length,
    };
    const hasElements = element.children.some(({ kind }) => kind === 'element');
    return hasElements ? this.#children(frame) : this.#text(frame);
  }

  /** Checks the content of an element without child elements. */
  #text(frame: OpenElement): Pattern {
    const { derivatives } = this.#automaton;
    const { content, element, title } = frame;
    const text = wholeText(element);
    const end = matchWholeText(derivatives, content, text);
    if (end.nullable) return end;
    if (content.hasStrings) {
      const expected = textExpectation(content);
      const place = element.children.find(({ kind }) => kind === 'text') ?? element;
      this.#findings.report(
        place.kind === 'text' && !isBlank(text) ? afterBlanks(place) : element,
        (at) => messages.badContent(at, text.trim(), title, expected),
      );
      return content;
    }
    if (!isBlank(text) && derivatives.text(content, text).kind === 'notAllowed') {
      for (const child of element.children)
        if (child.kind === 'text') this.#strayText(child, frame);
    }
    return this.#end(content, frame);
  }

  #children(frame: OpenElement): Pattern {
    const { derivatives } = this.#automaton;
    let state = frame.content;
    let previous: XmlElement | undefined;
    for (const run of contentRuns(frame.element)) {
      if (run.kind === 'element') {
        state = this.#child(state, run, previous, frame);
        previous = run;
        continue;
      }
      const next = derivatives.text(state, run.text);
      if (next.kind === 'notAllowed') this.#strayText(run, frame);
      else state = next;
    }
    return this.#end(state, frame);
  }

  #strayText(text: XmlText, frame: OpenElement): void {
    if (isBlank(text.text)) return;
    this.#findings.report(afterBlanks(text), (at) =>
      messages.textUnexpected(at, text.text, frame.title),
    );
  }

  /** Reports what is missing at the end of an element. */
  #end(state: Pattern, frame: OpenElement): Pattern {
    if (state.nullable) return state;
    const { element, title, excused, rejected } = frame;
    const missing = requirements(state, 'element');
    for (const alternatives of missing) {
      if (alternatives.some((name) => excused.has(name) || rejected.has(name))) continue;
      this.#findings.report(element, (at) => messages.elementMissing(at, title, alternatives));
    }
    if (this.#findings.issues.length === frame.issuesBefore) {
      const allowed = nextElementNames(state);
      this.#findings.report(element, (at) => messages.contentIncomplete(at, title, allowed));
    }
    return state;
  }
}

/** The location of a text's first character that is not white space, if no white space is written as a reference. */
function afterBlanks({ text, location }: XmlText): { readonly location: Location | undefined } {
  if (location === undefined) return { location };
  const blanks = text.slice(0, text.length - text.trimStart().length);
  const lastBreak = blanks.lastIndexOf('\n');
  return {
    location: {
      ...location,
      line: location.line + (lastBreak < 0 ? 0 : blanks.split('\n').length - 1),
      column: lastBreak < 0 ? location.column + blanks.length : blanks.length - lastBreak,
    },
  };
}
