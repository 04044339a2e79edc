import type { Datatype } from './datatype.ts';
import { listedNames } from './name-class.ts';
import { type AttributePattern, type ElementPattern, partsOf, type Pattern } from './pattern.ts';
import { unreachable } from './unreachable.ts';

/** Names of which one is required. */
export type Requirement = readonly string[];

/** The names of elements that can come, at once or later. */
export function elementNames(pattern: Pattern): readonly string[] {
  return namesOf(pattern, 'element', false);
}

/** The names of elements that can come next. */
export function nextElementNames(pattern: Pattern): readonly string[] {
  return namesOf(pattern, 'element', true);
}

/** The names of attributes that can still come. */
export function attributeNames(pattern: Pattern): readonly string[] {
  return namesOf(pattern, 'attribute', false);
}

function namesOf(
  pattern: Pattern,
  kind: 'element' | 'attribute',
  nextOnly: boolean,
): readonly string[] {
  const found = new Set<string>();
  const visit = (part: Pattern): void => {
    if (part.kind === 'element' || part.kind === 'attribute') {
      if (part.kind === kind) for (const name of listedNames(part.nameClass)) found.add(name);
    } else if (part.kind === 'group') {
      visit(part.first);
      if (!nextOnly || part.first.nullable) visit(part.second);
    } else for (const inner of partsOf(part)) visit(inner);
  };
  visit(pattern);
  return [...found];
}

/** The elements or attributes that are still required, in the schema's order. */
export function requirements(
  pattern: Pattern,
  kind: 'element' | 'attribute',
): readonly Requirement[] {
  switch (pattern.kind) {
    case 'element':
    case 'attribute':
      return pattern.kind === kind ? [nameOf(pattern)] : [];
    case 'choice': {
      const ways = pattern.members.map((member) => requirements(member, kind));
      if (ways.some((way) => way.length === 0)) return [];
      return [[...new Set(ways.flatMap(([first]) => first ?? []))]];
    }
    case 'group':
    case 'interleave':
      return [...requirements(pattern.first, kind), ...requirements(pattern.second, kind)];
    case 'oneOrMore':
      return requirements(pattern.item, kind);
    case 'after':
      return requirements(pattern.content, kind);
    case 'empty':
    case 'notAllowed':
    case 'text':
    case 'data':
    case 'value':
    case 'list':
      return [];
    default:
      return unreachable(pattern);
  }
}

function nameOf({ nameClass }: ElementPattern | AttributePattern): Requirement {
  const names = listedNames(nameClass);
  return names.length === 0 ? ['*'] : names;
}

/** The texts that are allowed: fixed values, and values of types. */
export interface TextExpectation {
  readonly values: readonly string[];
  readonly types: readonly TypeExpectation[];
}

export interface TypeExpectation {
  readonly datatype: Datatype;
  readonly label: string | undefined;
  /** Whether it is the type of a `<list>`'s items. */
  readonly isItem: boolean;
}

/** The texts that a pattern allows, in the schema's order. */
export function textExpectation(pattern: Pattern): TextExpectation {
  const values = new Set<string>();
  const types = new Map<string, TypeExpectation>();
  const visit = (part: Pattern, isItem: boolean): void => {
    if (part.kind === 'value') values.add(part.text);
    else if (part.kind === 'data') {
      const { datatype, label } = part;
      types.set(label ?? `${datatype.name}${JSON.stringify(datatype.parameters)}`, {
        datatype,
        label,
        isItem,
      });
    } else for (const inner of partsOf(part)) visit(inner, isItem || part.kind === 'list');
  };
  visit(pattern, false);
  return { values: [...values], types: [...types.values()] };
}
