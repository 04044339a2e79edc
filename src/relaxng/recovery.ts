import type { Derivatives } from './derivative.ts';
import { type Requirement, requirements } from './expectation.ts';
import type { Name } from './name-class.ts';
import type { ElementPattern, Pattern, Transition } from './pattern.ts';
import { unreachable } from './unreachable.ts';

/** A way to match an element that skips required elements before it. */
export interface SkippingTransition extends Transition<ElementPattern> {
  readonly skipped: readonly Requirement[];
}

/**
 * The ways to match an element when required elements before it are missing; only those ways that skip the fewest.
 * Empty when the pattern has no such element.
 */
export function skipTo(
  derivatives: Derivatives,
  pattern: Pattern,
  name: Name,
): readonly SkippingTransition[] {
  const ways = findSkipping(derivatives, pattern, name);
  const least = Math.min(...ways.map(({ skipped }) => skipped.length));
  return ways.filter(({ skipped }) => skipped.length === least);
}

function findSkipping(
  derivatives: Derivatives,
  pattern: Pattern,
  name: Name,
): readonly SkippingTransition[] {
  const { patterns } = derivatives;
  const inside = (
    part: Pattern,
    wrap: (rest: Pattern) => Pattern,
    skipped: readonly Requirement[] = [],
  ): readonly SkippingTransition[] =>
    findSkipping(derivatives, part, name).map((way) => ({
      target: way.target,
      rest: wrap(way.rest),
      skipped: [...skipped, ...way.skipped],
    }));
  switch (pattern.kind) {
    case 'element':
      return derivatives
        .elements(pattern, name)
        .ways.map(({ target, rest }) => ({ target, rest, skipped: [] }));
    case 'choice':
      return pattern.members.flatMap((member) => inside(member, (rest) => rest));
    case 'group': {
      const { first, second } = pattern;
      return [
        ...inside(first, (rest) => patterns.group(rest, second)),
        ...inside(second, (rest) => rest, requirements(first, 'element')),
      ];
    }
    case 'interleave': {
      const { first, second } = pattern;
      return [
        ...inside(first, (rest) => patterns.interleave(rest, second)),
        ...inside(second, (rest) => patterns.interleave(first, rest)),
      ];
    }
    case 'oneOrMore':
      return inside(pattern.item, (rest) => patterns.group(rest, patterns.optional(pattern)));
    case 'after':
      return inside(pattern.content, (rest) => patterns.after(rest, pattern.element));
    case 'empty':
    case 'notAllowed':
    case 'text':
    case 'data':
    case 'value':
    case 'list':
    case 'attribute':
      return [];
    default:
      return unreachable(pattern);
  }
}

/** The pattern as if all its attributes had been present. */
export function withoutAttributes(derivatives: Derivatives, pattern: Pattern): Pattern {
  return derivatives.map(
    pattern,
    (part) => (part.hasAttributes ? withoutAttributes(derivatives, part) : part),
    derivatives.patterns.empty,
  );
}
