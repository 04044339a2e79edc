import type { PatternFactory } from './intern.ts';
import type { Name } from './name-class.ts';
import { containsName } from './name-class.ts';
import type { NamespaceScope } from './namespaces.ts';
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

/** Texts longer than this, and more of them per pattern, are not remembered: values are mostly unique. */
const longestRememberedText = 48;
const rememberedTexts = 64;

/**
 * Brzozowski derivatives of RELAX NG patterns, after James Clark's "An algorithm for RELAX NG validation". Two
 * things differ. A child element's content is matched on its own, without the rest of its parent's: one set of
 * memoised states then serves every place the element stands in. And an attribute is found by name first, its
 * value matched afterwards, so that only finding it is memoised.
 */
export class Derivatives {
  readonly patterns: PatternFactory;

  constructor(patterns: PatternFactory) {
    this.patterns = patterns;
  }

  /** The `<element>`s of the schema a child of this name can be, here. */
  elements(pattern: Pattern, name: Name): ElementTransitions {
    const known = pattern.memo.elements.get(name);
    if (known !== undefined) return known;
    const ways = this.merge(this.findElements(pattern, name));
    const content = this.patterns.choice(
      ways.length === 1
        ? ways.map(({ target }) => target.content())
        : ways.map(({ target }) => this.patterns.after(target.content(), target)),
    );
    const found = { ways, content, ends: new Map<Pattern, Pattern>() };
    pattern.memo.elements.set(name, found);
    return found;
  }

  /** The `<attribute>`s of the schema an attribute of this name can be. */
  attributes(pattern: Pattern, name: Name): AttributeTransitions {
    const known = pattern.memo.attributes.get(name);
    if (known !== undefined) return known;
    const ways = this.merge(this.findAttributes(pattern, name));
    const content = this.patterns.choice(ways.map(({ target }) => target.content()));
    const found = { ways, content, values: new Map<string, Pattern>() };
    pattern.memo.attributes.set(name, found);
    return found;
  }

  /** What is left after an attribute. */
  attribute(
    pattern: Pattern,
    name: Name,
    value: string,
    scope: NamespaceScope | undefined,
  ): Pattern {
    const { ways, content, values } = this.attributes(pattern, name);
    const known = values.get(value);
    if (known !== undefined) return known;
    const rests: Pattern[] = [];
    for (const { target, rest } of ways) {
      if (this.matchesText(target.content(), value, scope)) rests.push(rest);
    }
    const found = this.patterns.choice(rests);
    if (isWorthRemembering(value, values, content)) values.set(value, found);
    return found;
  }

  /** What is left when no more attributes come: not allowed if one was still required. */
  close(pattern: Pattern): Pattern {
    if (!pattern.hasAttributes) return pattern;
    pattern.memo.closed ??= this.map(pattern, (part) => this.close(part), this.patterns.notAllowed);
    return pattern.memo.closed;
  }

  /** What is left after a run of text. */
  text(pattern: Pattern, text: string, scope: NamespaceScope | undefined): Pattern {
    const { memo } = pattern;
    if (!pattern.hasStrings) {
      memo.anyText ??= this.findText(pattern, text, scope);
      return memo.anyText;
    }
    const known = memo.texts.get(text);
    if (known !== undefined) return known;
    const found = this.findText(pattern, text, scope);
    if (isWorthRemembering(text, memo.texts, pattern)) memo.texts.set(text, found);
    return found;
  }

  /** Whether a text is all of an attribute's value or of an element's content. */
  matchesText(pattern: Pattern, text: string, scope: NamespaceScope | undefined): boolean {
    return (
      this.text(pattern, text, scope).nullable || (pattern.nullable && /^[ \t\n\r]*$/u.test(text))
    );
  }

  /** Applies a change to every part that can hold attributes; an attribute itself becomes `attribute`. */
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

  private findElements(pattern: Pattern, name: Name): readonly Transition<ElementPattern>[] {
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
    return this.findInside(pattern, waysOf);
  }

  private findAttributes(pattern: Pattern, name: Name): readonly Transition<AttributePattern>[] {
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
    return this.findInside(pattern, waysOf);
  }

  /** What finding elements and finding attributes have in common; other patterns have neither. */
  private findInside<Target extends AttributePattern | ElementPattern>(
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

  private findText(pattern: Pattern, text: string, scope: NamespaceScope | undefined): Pattern {
    const { patterns } = this;
    const of = (part: Pattern): Pattern => this.text(part, text, scope);
    switch (pattern.kind) {
      case 'text':
        return pattern;
      case 'value':
        return this.verdict(pattern.datatype.key(text, scope) === pattern.key);
      case 'data':
        return this.verdict(
          pattern.datatype.accepts(text, scope) &&
            (pattern.except === undefined || !of(pattern.except).nullable),
        );
      case 'list':
        return this.verdict(this.matchesTokens(pattern.item, splitTokens(text), scope));
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

  private matchesTokens(
    item: Pattern,
    tokens: readonly string[],
    scope: NamespaceScope | undefined,
  ): boolean {
    let state = item;
    for (const token of tokens) state = this.text(state, token, scope);
    return state.nullable;
  }

  private verdict(matches: boolean): Pattern {
    return matches ? this.patterns.empty : this.patterns.notAllowed;
  }

  /** One way for each target: what can be left afterwards becomes a choice. */
  private merge<Target extends AttributePattern | ElementPattern>(
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

function isWorthRemembering(
  text: string,
  remembered: ReadonlyMap<string, Pattern>,
  { usesNamespaces }: Pattern,
): boolean {
  return (
    text.length <= longestRememberedText && remembered.size < rememberedTexts && !usesNamespaces
  );
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
