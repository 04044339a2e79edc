import { byLocation, type Issue } from '../../errors.ts';
import type { SchemaCode } from '../../codes.ts';
import { childElements, type XmlElement } from '../../xml/element.ts';

/** The schema's findings about a value: of an attribute, or the text of an element. */
const VALUE: ReadonlySet<string> = new Set<SchemaCode>(['schema-value', 'schema-text']);

/** What may have been meant for something that then seems missing. */
const UNEXPECTED: ReadonlySet<string> = new Set<SchemaCode>([
  'schema-attribute-unexpected',
  'schema-element-unexpected',
]);

/**
 * The schema's findings and those of the readers and rules in one list, sorted by place, each mistake once. The words
 * of readers and rules win: they are libvirt's, and their severity is what libvirt makes of the mistake.
 *
 * 1. Both point at the same element or attribute (text counts for its element): the rule's stands.
 * 2. A reader speaks of an element as a whole: it stands for what the schema says of that element's values, too.
 * 3. A reader finds something missing in an element, the schema only something unexpected directly in it (`<adress>`):
 *    the schema took the one for the other, and its finding stands.
 *
 * @param isReading whether a finding comes from reading the document, which looks at what the schema looks at
 */
export function withoutRepeats(
  root: XmlElement,
  schemaIssues: readonly Issue[],
  findings: readonly Issue[],
  isReading: (issue: Issue) => boolean,
): readonly Issue[] {
  if (schemaIssues.length === 0 || findings.length === 0) {
    return unique([...schemaIssues, ...findings]).toSorted(byLocation);
  }
  const places = positionsOf(root);
  const placeOf = (issue: Issue): TreePosition => places.get(keyOf(issue)) ?? NOWHERE;
  const found = new Set(findings.map((issue) => placeOf(issue).self));
  const read = new Set(findings.filter(isReading).map((issue) => placeOf(issue).self));
  const schema = new Set(schemaIssues.map((issue) => placeOf(issue).self));
  const unexpectedIn = new Set(
    schemaIssues.filter(({ code }) => UNEXPECTED.has(code)).map((issue) => placeOf(issue).around),
  );

  const fromSchema = schemaIssues.filter((issue) => {
    const { self, element } = placeOf(issue);
    return !found.has(self) && !(VALUE.has(issue.code) && read.has(element));
  });
  const others = findings.filter((issue) => {
    const { self } = placeOf(issue);
    return !isReading(issue) || schema.has(self) || !unexpectedIn.has(self);
  });
  return unique([...fromSchema, ...others]).toSorted(byLocation);
}

/** Where in the tree a finding points, as keys of places in the text. */
interface TreePosition {
  /** The element or attribute; of a text, the element it is in. */
  readonly self: string | undefined;
  /** The element itself, or the one an attribute or text is in. */
  readonly element: string | undefined;
  /** What an element or attribute stands in. */
  readonly around: string | undefined;
}

/** Of a finding without a place: equal to no other's. */
const NOWHERE: TreePosition = { self: undefined, element: undefined, around: undefined };

type Located = Pick<Issue, 'location'>;

function keyOf({ location }: Located): string {
  return location === undefined ? '' : `${location.line}:${location.column}`;
}

function positionsOf(root: XmlElement): ReadonlyMap<string, TreePosition> {
  const places = new Map<string, TreePosition>();
  const visit = (element: XmlElement, around: string | undefined): void => {
    const key = keyOf(element);
    places.set(key, { self: key, element: key, around });
    for (const attribute of element.attributes) {
      const self = keyOf(attribute);
      places.set(self, { self, element: key, around: key });
    }
    for (const node of element.children) {
      if (node.kind === 'text') places.set(keyOf(node), { self: key, element: key, around });
    }
    for (const child of childElements(element)) visit(child, key);
  };
  visit(root, undefined);
  return places;
}

function unique(issues: readonly Issue[]): readonly Issue[] {
  const seen = new Set<string>();
  return issues.filter((issue) => {
    const key = `${keyOf(issue)} ${issue.code} ${issue.message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
