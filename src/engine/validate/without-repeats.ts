import { byLocation, type Issue } from '../../errors.ts';
import type { SchemaCode } from '../../codes.ts';
import { childElements, type XmlElement } from '../../xml/element.ts';

/** The schema's codes about a value of an attribute or the text of an element. */
const VALUE: ReadonlySet<string> = new Set<SchemaCode>(['schema-value', 'schema-text']);

/** The schema's codes for something that may be a misspelling of something required. */
const UNEXPECTED: ReadonlySet<string> = new Set<SchemaCode>([
  'schema-attribute-unexpected',
  'schema-element-unexpected',
]);

/**
 * The findings of the schema, the readers and the rules in one list, sorted by location, each mistake once. Readers and
 * rules are preferred, because their sentences and severities are libvirt's.
 *
 * 1. Both point at the same element or attribute (a text counts as its element): the rule's finding is kept.
 * 2. A reader's finding about an element replaces the schema's findings about the values of that element, too.
 * 3. A reader reports something missing in an element, and the schema something unexpected directly in it (`<adress>`):
 *    the second is a misspelling of the first, and the schema's finding is kept.
 *
 * What mends a schema's finding mends that of a reader in its place.
 *
 * @param isReading whether a finding comes from a reader, which checks the same things as the schema
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
  const places = positionsOf(root, [...schemaIssues, ...findings]);
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
  const fixes = new Map(
    schemaIssues.flatMap((issue) => (issue.fix ? [[placeOf(issue).self, issue.fix]] : [])),
  );
  const others = findings
    .filter((issue) => {
      const { self } = placeOf(issue);
      return !isReading(issue) || schema.has(self) || !unexpectedIn.has(self);
    })
    .map((issue) => {
      const fix = isReading(issue) ? fixes.get(placeOf(issue).self) : undefined;
      return issue.fix === undefined && fix !== undefined ? { ...issue, fix } : issue;
    });
  return unique([...fromSchema, ...others]).toSorted(byLocation);
}

/** The part of the tree that a finding points at, as keys of locations. */
interface TreePosition {
  /** The element or attribute; for a text, its element. */
  readonly self: string | undefined;
  /** The element itself, or the element of an attribute or text. */
  readonly element: string | undefined;
  /** The element around an element or attribute. */
  readonly around: string | undefined;
}

/** The position of a finding without a location: it equals no other. */
const NOWHERE: TreePosition = { self: undefined, element: undefined, around: undefined };

type Located = Pick<Issue, 'location'>;

function keyOf({ location }: Located): string {
  return location === undefined ? '' : `${location.line}:${location.column}`;
}

/** The places of findings, and those around them: what no finding is in is not looked at. */
function positionsOf(
  root: XmlElement,
  issues: readonly Issue[],
): ReadonlyMap<string, TreePosition> {
  const places = new Map<string, TreePosition>();
  const wanted = issues.toSorted(byLocation);
  const visit = (element: XmlElement, around: string | undefined, from: number): void => {
    const key = keyOf(element);
    places.set(key, { self: key, element: key, around });
    for (const attribute of element.attributes) {
      const self = keyOf(attribute);
      places.set(self, { self, element: key, around: key });
    }
    for (const node of element.children) {
      if (node.kind === 'text') places.set(keyOf(node), { self: key, element: key, around });
    }
    const children = childElements(element);
    let at = from;
    for (const [index, child] of children.entries()) {
      const next = children[index + 1];
      let first = wanted[at];
      while (first !== undefined && byLocation(first, child) < 0) first = wanted[(at += 1)];
      if (first === undefined) return;
      if (next?.location === undefined || byLocation(first, next) < 0) visit(child, key, at);
    }
  };
  visit(root, undefined, 0);
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
