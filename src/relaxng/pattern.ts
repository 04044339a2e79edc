import type { Datatype } from './datatype.ts';
import type { NameClass, Name } from './name-class.ts';
import { unreachable } from './unreachable.ts';

/** What is left to match of an element's attributes and content. Equal patterns are one object (see intern.ts). */
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
  /** Counts up: what the schema says earlier has the lower number. */
  readonly id: number;
  /** Matches nothing at all, too. */
  readonly nullable: boolean;
  readonly hasAttributes: boolean;
  /** Has `<data>`, `<value>` or `<list>` outside of attributes and elements: its derivative depends on the text. */
  readonly hasStrings: boolean;
  /** As {@link hasStrings}, and what the text means depends on the namespaces around it. */
  readonly usesNamespaces: boolean;
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
/** Text of a type, minus what `except` matches. */
export interface DataPattern extends Base {
  readonly kind: 'data';
  readonly datatype: Datatype;
  readonly except: Pattern | undefined;
  /** What to call it in a message: its documentation, or the name of the definition it stands in. */
  readonly label: string | undefined;
}
/** One value of a type. */
export interface ValuePattern extends Base {
  readonly kind: 'value';
  readonly datatype: Datatype;
  readonly key: string;
  /** As the schema writes it. */
  readonly text: string;
}
export interface ListPattern extends Base {
  readonly kind: 'list';
  readonly item: Pattern;
}
/** What an attribute and an element share: a class of names, and a content built when first asked for. */
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
  /** At least two, in the order of their ids; none is a choice or not allowed. */
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
 * The content of an element while more than one `<element>` of the schema can be the one it matches: when
 * `content` is done, it was `element`. Only ever at the top, or a member of a choice at the top.
 */
export interface AfterPattern extends Base {
  readonly kind: 'after';
  readonly content: Pattern;
  readonly element: ElementPattern;
}

/** One way on: what the name at hand matches, and what is left afterwards. */
export interface Transition<Target extends AttributePattern | ElementPattern> {
  readonly target: Target;
  readonly rest: Pattern;
}

/** Derivatives already computed. Bounded: names are those of the schema, texts are few and short (see derivative.ts). */
export class Memo {
  readonly elements = new Map<Name, ElementTransitions>();
  readonly attributes = new Map<Name, AttributeTransitions>();
  readonly texts = new Map<string, Pattern>();
  anyText: Pattern | undefined;
  closed: Pattern | undefined;
}

/** The ways on to a child element: one for each `<element>` it can be. */
export interface ElementTransitions {
  readonly ways: readonly Transition<ElementPattern>[];
  /** The element's own content; a choice of `after` patterns when there is more than one way. */
  readonly content: Pattern;
  /** With more than one way: what is left after the element, by what was left of its content. */
  readonly ends: Map<Pattern, Pattern>;
}

/** The ways on to an attribute: one for each `<attribute>` it can be, and what values lead to, as in {@link Memo}. */
export interface AttributeTransitions {
  readonly ways: readonly Transition<AttributePattern>[];
  /** What the value can be. */
  readonly content: Pattern;
  readonly values: Map<string, Pattern>;
}

/** The patterns a pattern is made of; contents of attributes and elements are not among them. */
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
