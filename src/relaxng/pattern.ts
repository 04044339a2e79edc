import type { Datatype } from './datatype.ts';
import type { NameClass, Name } from './name-class.ts';
import { unreachable } from './unreachable.ts';

/** A state of matching: the attributes and the content that are still allowed. Equal patterns are one object (intern.ts). */
export type Pattern =
  | EmptyPattern
  | NotAllowedPattern
  | TextPattern
  | DataPattern
  | ValuePattern
  | ListPattern
  | AttributePattern
  | ElementPattern
  | ChoicePattern
  | GroupPattern
  | InterleavePattern
  | OneOrMorePattern
  | AfterPattern;

interface Base {
  /** The number of patterns made before it: what comes earlier in the schema has the lower number. */
  readonly id: number;
  /** Whether it also matches empty content. */
  readonly nullable: boolean;
  readonly hasAttributes: boolean;
  /** Whether it has `<data>`, `<value>` or `<list>` outside of attributes and elements: then the text's value matters. */
  readonly hasStrings: boolean;
  readonly memo: Memo;
}

interface EmptyPattern extends Base {
  readonly kind: 'empty';
}
interface NotAllowedPattern extends Base {
  readonly kind: 'notAllowed';
}
interface TextPattern extends Base {
  readonly kind: 'text';
}
/** Text of a type, without the texts that `except` matches. */
export interface DataPattern extends Base {
  readonly kind: 'data';
  readonly datatype: Datatype;
  readonly except: Pattern | undefined;
  /** Its name in messages: its documentation, or the name of the definition it is in. */
  readonly label: string | undefined;
}
/** One value of a type. */
export interface ValuePattern extends Base {
  readonly kind: 'value';
  readonly datatype: Datatype;
  readonly key: string;
  /** The value as it is in the schema. */
  readonly text: string;
}
export interface ListPattern extends Base {
  readonly kind: 'list';
  readonly item: Pattern;
}
/** The common fields of attributes and elements. The content is built when it is first asked for. */
interface Named extends Base {
  readonly nameClass: NameClass;
  readonly content: () => Pattern;
}
export interface AttributePattern extends Named {
  readonly kind: 'attribute';
}
export interface ElementPattern extends Named {
  readonly kind: 'element';
}
export interface ChoicePattern extends Base {
  readonly kind: 'choice';
  /** At least two, sorted by id. None is a choice or `notAllowed`. */
  readonly members: readonly Pattern[];
}
export interface GroupPattern extends Base {
  readonly kind: 'group';
  readonly first: Pattern;
  readonly second: Pattern;
}
export interface InterleavePattern extends Base {
  readonly kind: 'interleave';
  readonly first: Pattern;
  readonly second: Pattern;
}
export interface OneOrMorePattern extends Base {
  readonly kind: 'oneOrMore';
  readonly item: Pattern;
}
/**
 * The content of an element that may match more than one `<element>` of the schema: when `content` is complete, it has
 * matched `element`. It occurs only as a whole state, or as a member of a choice that is a whole state.
 */
export interface AfterPattern extends Base {
  readonly kind: 'after';
  readonly content: Pattern;
  readonly element: ElementPattern;
}

/** One way to match a name: the element or attribute of the schema, and the state afterwards. */
export interface Transition<Target extends AttributePattern | ElementPattern> {
  readonly target: Target;
  readonly rest: Pattern;
}

/** The derivatives of a pattern that are already computed. Their number is limited (derivative.ts). */
export class Memo {
  readonly elements = new Map<Name, ElementTransitions>();
  readonly attributes = new Map<Name, AttributeTransitions>();
  readonly texts = new Map<string, Pattern>();
  anyText: Pattern | undefined;
  closed: Pattern | undefined;
}

/** The ways to match a child element: one for each `<element>` it can match. */
export interface ElementTransitions {
  readonly ways: readonly Transition<ElementPattern>[];
  /** The state inside the element: a choice of `after` patterns when there is more than one way. */
  readonly content: Pattern;
  /** With more than one way: the state after the element, by the state at the end of its content. */
  readonly ends: Map<Pattern, Pattern>;
}

/** The ways to match an attribute: one for each `<attribute>` it can match, and the states after values met before. */
export interface AttributeTransitions {
  readonly ways: readonly Transition<AttributePattern>[];
  /** The pattern of the value. */
  readonly content: Pattern;
  readonly values: Map<string, Pattern>;
}

/** The parts of a pattern, without the contents of attributes and elements. */
export function partsOf(pattern: Pattern): readonly Pattern[] {
  switch (pattern.kind) {
    case 'choice':
      return pattern.members;
    case 'group':
    case 'interleave':
      return [pattern.first, pattern.second];
    case 'oneOrMore':
    case 'list':
      return [pattern.item];
    case 'after':
      return [pattern.content];
    case 'empty':
    case 'notAllowed':
    case 'text':
    case 'data':
    case 'value':
    case 'attribute':
    case 'element':
      return [];
    default:
      return unreachable(pattern);
  }
}
