import type { PatternFactory } from './intern.ts';
import type { Name } from './name-class.ts';
import { containsName } from './name-class.ts';
import { splitTokens } from './datatype.ts';
import type {
  AttributePattern,
  AttributeTransitions,
  ElementPattern,
  ElementTransitions,
  Pattern,
  Transition,
} from './pattern.ts';
import { unreachable } from './unreachable.ts';

/** Longer texts, and more texts for one pattern, are not remembered, since most values occur only once. */
const LONGEST_REMEMBERED_TEXT = 48;
const MOST_REMEMBERED_TEXTS = 64;

/**
 * Brzozowski derivatives of RELAX NG patterns, after James Clark's "An algorithm for RELAX NG validation". Two
 * things differ. The content of a child element is matched without the rest of its parent's content: then the same
 * remembered states serve wherever the element occurs. And an attribute is first found by its name and then its value is
 * matched, so that only the search by name is remembered.
 */
export class Derivatives {
  readonly patterns: PatternFactory;

  constructor(patterns: PatternFactory) {
    this.patterns = patterns;
  }

  /** The schema's `<element>`s that a child of this name can match in this state. */
  elements(pattern: Pattern, name: Name): ElementTransitions {
    const known = pattern.memo.elements.get(name);
    if (known !== undefined) return known;
    const ways = this.#merge(this.#findElements(pattern, name));
    const content = this.patterns.choice(
      ways.length === 1
        ? ways.map(({ target }) => target.content())
        : ways.map(({ target }) => this.patterns.after(target.content(), target)),
    );
    const found = { ways, content, ends: new Map<Pattern, Pattern>() };
    pattern.memo.elements.set(name, found);
    return found;
  }

  /** The schema's `<attribute>`s that an attribute of this name can match in this state. */
  attributes(pattern: Pattern, name: Name): AttributeTransitions {
    const known = pattern.memo.attributes.get(name);
    if (known !== undefined) return known;
    const ways = this.#merge(this.#findAttributes(pattern, name));
    const content = this.patterns.choice(ways.map(({ target }) => target.content()));
    const found = { ways, content, values: new Map<string, Pattern>() };
    pattern.memo.attributes.set(name, found);
    return found;
  }

  /** The state after an attribute. */
  attribute(pattern: Pattern, name: Name, value: string): Pattern {
    const { ways, values } = this.attributes(pattern, name);
    const known = values.get(value);
    if (known !== undefined) return known;
    const rests: Pattern[] = [];
    for (const { target, rest } of ways) {
      if (this.matchesText(target.content(), value)) rests.push(rest);
    }
    const found = this.patterns.choice(rests);
    if (isWorthRemembering(value, values)) values.set(value, found);
    return found;
  }

  /** The state after the last attribute: not allowed when a required one is missing. */
  close(pattern: Pattern): Pattern {
    if (!pattern.hasAttributes) return pattern;
    pattern.memo.closed ??= this.map(pattern, (part) => this.close(part), this.patterns.notAllowed);
    return pattern.memo.closed;
  }

  /** The state after a piece of text. */
  text(pattern: Pattern, text: string): Pattern {
    const { memo } = pattern;
    if (!pattern.hasStrings) {
      memo.anyText ??= this.#findText(pattern, text);
      return memo.anyText;
    }
    const known = memo.texts.get(text);
    if (known !== undefined) return known;
    const found = this.#findText(pattern, text);
    if (isWorthRemembering(text, memo.texts)) memo.texts.set(text, found);
    return found;
  }

  /** Whether a text is allowed as an attribute's whole value or as an element's whole content. */
  matchesText(pattern: Pattern, text: string): boolean {
    return this.text(pattern, text).nullable || (pattern.nullable && /^[ \t\n\r]*$/u.test(text));
  }

  /** Applies a change to every part that can have attributes in it. An attribute itself becomes `attribute`. */
  map(pattern: Pattern, change: (part: Pattern) => Pattern, attribute: Pattern): Pattern {
    const { patterns } = this;
    switch (pattern.kind) {
      case 'attribute':
        return attribute;
      case 'choice':
        return patterns.choice(pattern.members.map(change));
      case 'group':
        return patterns.group(change(pattern.first), change(pattern.second));
      case 'interleave':
        return patterns.interleave(change(pattern.first), change(pattern.second));
      case 'oneOrMore':
        return patterns.oneOrMore(change(pattern.item));
      case 'after':
        return patterns.after(change(pattern.content), pattern.element);
      case 'empty':
      case 'notAllowed':
      case 'text':
      case 'data':
      case 'value':
      case 'list':
      case 'element':
        return pattern;
      default:
        return unreachable(pattern);
    }
  }

  #findElements(pattern: Pattern, name: Name): readonly Transition<ElementPattern>[] {
    const { patterns } = this;
    const waysOf = (part: Pattern): readonly Transition<ElementPattern>[] =>
      this.elements(part, name).ways;
    if (pattern.kind === 'element') return findNamed(pattern, name, patterns.empty);
    if (pattern.kind === 'group') {
      const { first, second } = pattern;
      const inFirst = then(waysOf(first), (rest) => patterns.group(rest, second));
      return first.nullable ? [...inFirst, ...waysOf(second)] : inFirst;
    }
    if (pattern.kind === 'interleave') {
      const { first, second } = pattern;
      return [
        ...then(waysOf(first), (rest) => patterns.interleave(rest, second)),
        ...then(waysOf(second), (rest) => patterns.interleave(first, rest)),
      ];
    }
    return this.#findInside(pattern, waysOf);
  }

  #findAttributes(pattern: Pattern, name: Name): readonly Transition<AttributePattern>[] {
    const { patterns } = this;
    const waysOf = (part: Pattern): readonly Transition<AttributePattern>[] =>
      part.hasAttributes ? this.attributes(part, name).ways : [];
    if (pattern.kind === 'attribute') return findNamed(pattern, name, patterns.empty);
    if (pattern.kind === 'group' || pattern.kind === 'interleave') {
      const { first, second, kind } = pattern;
      return [
        ...then(waysOf(first), (rest) => patterns[kind](rest, second)),
        ...then(waysOf(second), (rest) => patterns[kind](first, rest)),
      ];
    }
    return this.#findInside(pattern, waysOf);
  }

  /** The cases that are the same for elements and attributes. Other patterns have neither. */
  #findInside<Target extends AttributePattern | ElementPattern>(
    pattern: Pattern,
    waysOf: (part: Pattern) => readonly Transition<Target>[],
  ): readonly Transition<Target>[] {
    const { patterns } = this;
    if (pattern.kind === 'choice') return pattern.members.flatMap(waysOf);
    if (pattern.kind === 'oneOrMore') {
      const more = patterns.optional(pattern);
      return then(waysOf(pattern.item), (rest) => patterns.group(rest, more));
    }
    if (pattern.kind === 'after') {
      return then(waysOf(pattern.content), (rest) => patterns.after(rest, pattern.element));
    }
    return [];
  }

  #findText(pattern: Pattern, text: string): Pattern {
    const { patterns } = this;
    const of = (part: Pattern): Pattern => this.text(part, text);
    switch (pattern.kind) {
      case 'text':
        return pattern;
      case 'value':
        return this.#verdict(pattern.datatype.key(text) === pattern.key);
      case 'data':
        return this.#verdict(
          pattern.datatype.accepts(text) &&
            (pattern.except === undefined || !of(pattern.except).nullable),
        );
      case 'list':
        return this.#verdict(this.#matchesTokens(pattern.item, splitTokens(text)));
      case 'choice':
        return patterns.choice(pattern.members.map(of));
      case 'group': {
        const { first, second } = pattern;
        const inFirst = patterns.group(of(first), second);
        return first.nullable ? patterns.choice([inFirst, of(second)]) : inFirst;
      }
      case 'interleave': {
        const { first, second } = pattern;
        return patterns.choice([
          patterns.interleave(of(first), second),
          patterns.interleave(first, of(second)),
        ]);
      }
      case 'oneOrMore':
        return patterns.group(of(pattern.item), patterns.optional(pattern));
      case 'after':
        return patterns.after(of(pattern.content), pattern.element);
      case 'empty':
      case 'notAllowed':
      case 'attribute':
      case 'element':
        return patterns.notAllowed;
      default:
        return unreachable(pattern);
    }
  }

  #matchesTokens(item: Pattern, tokens: readonly string[]): boolean {
    let state = item;
    for (const token of tokens) state = this.text(state, token);
    return state.nullable;
  }

  #verdict(matches: boolean): Pattern {
    return matches ? this.patterns.empty : this.patterns.notAllowed;
  }

  /** Joins the ways to the same target: the state afterwards is a choice of theirs. */
  #merge<Target extends AttributePattern | ElementPattern>(
    ways: readonly Transition<Target>[],
  ): readonly Transition<Target>[] {
    const rests = new Map<Target, Pattern[]>();
    for (const { target, rest } of ways) {
      if (rest.kind === 'notAllowed') continue;
      const others = rests.get(target);
      if (others === undefined) rests.set(target, [rest]);
      else others.push(rest);
    }
    return Array.from(rests, ([target, several]) => ({
      target,
      rest: this.patterns.choice(several),
    }));
  }
}

function isWorthRemembering(text: string, remembered: ReadonlyMap<string, Pattern>): boolean {
  return text.length <= LONGEST_REMEMBERED_TEXT && remembered.size < MOST_REMEMBERED_TEXTS;
}

function findNamed<Target extends AttributePattern | ElementPattern>(
  target: Target,
  name: Name,
  rest: Pattern,
): readonly Transition<Target>[] {
  return containsName(target.nameClass, name) ? [{ target, rest }] : [];
}

function then<Target extends AttributePattern | ElementPattern>(
  ways: readonly Transition<Target>[],
  wrap: (rest: Pattern) => Pattern,
): readonly Transition<Target>[] {
  return ways.map(({ target, rest }) => ({ target, rest: wrap(rest) }));
}
