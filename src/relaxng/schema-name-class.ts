import { attributeOf, textOf, type XmlElement } from '../xml/element.ts';
import type { NameClass } from './name-class.ts';
import {
  checkAttributes,
  enter,
  fail,
  relaxngName,
  resolvePrefix,
  type SchemaContext,
  schemaChildren,
} from './schema-context.ts';

/**
 * The names of an `<element>` or `<attribute>`, and its children that are patterns. The names come from the attribute
 * `name` or from the first child. The name of an `<attribute>` without a prefix is in no namespace, unless the
 * `<attribute>` itself has an `ns` (section 4.8).
 */
export function readNameClass(
  context: SchemaContext,
  owner: XmlElement,
): { readonly nameClass: NameClass; readonly children: readonly XmlElement[] } {
  const isAttribute = relaxngName(context, owner) === 'attribute';
  const children = schemaChildren(context, owner);
  const written = attributeOf(owner, 'name')?.trim();
  if (written !== undefined) {
    const unprefixed = isAttribute ? (attributeOf(owner, 'ns') ?? '') : context.ns;
    const nameClass: NameClass = {
      kind: 'name',
      ...resolvePrefix(context, owner, written, unprefixed),
    };
    if (isAttribute) refuseDeclarations(context, owner, nameClass);
    return { nameClass, children };
  }
  const [first, ...others] = children;
  if (first === undefined) fail(context, owner, `<${owner.name}> has no name`);
  const nameClass = readClass(context, first);
  if (isAttribute) refuseDeclarations(context, owner, nameClass);
  return { nameClass, children: others };
}

function readClass(outer: SchemaContext, element: XmlElement): NameClass {
  const context = enter(outer, element);
  checkAttributes(context, element, []);
  switch (relaxngName(outer, element)) {
    case 'name': {
      const text = textOf(element).trim();
      return { kind: 'name', ...resolvePrefix(context, element, text, context.ns) };
    }
    case 'anyName':
      return { kind: 'anyName', except: readExcept(context, element, ['anyName']) };
    case 'nsName': {
      const except = readExcept(context, element, ['anyName', 'nsName']);
      return { kind: 'nsName', ns: context.ns, except };
    }
    case 'choice': {
      const members = schemaChildren(context, element).map((child) => readClass(context, child));
      if (members.length === 0) fail(context, element, '<choice> of names is empty');
      return { kind: 'choice', members };
    }
    case undefined:
    default:
      return fail(outer, element, `<${element.name}> is no name class`);
  }
}

/** Section 4.16: what `anyName` and `nsName` except must not be an open class itself. */
function readExcept(
  context: SchemaContext,
  element: XmlElement,
  refused: readonly NameClass['kind'][],
): NameClass | undefined {
  const [except, ...others] = schemaChildren(context, element);
  if (except === undefined) return undefined;
  if (relaxngName(context, except) !== 'except' || others.length > 0) {
    fail(context, element, `<${element.name}> can only contain one <except>`);
  }
  const inner = enter(context, except);
  const members = schemaChildren(inner, except).map((child) => readClass(inner, child));
  if (members.length === 0) fail(context, except, '<except> is empty');
  const nameClass: NameClass = { kind: 'choice', members };
  for (const kind of refused) {
    if (uses(nameClass, kind)) {
      fail(context, except, `<${kind}> is not allowed in the <except> of <${element.name}>`);
    }
  }
  return nameClass;
}

function uses(nameClass: NameClass, kind: NameClass['kind']): boolean {
  return (
    nameClass.kind === kind ||
    (nameClass.kind === 'choice' && nameClass.members.some((member) => uses(member, kind)))
  );
}

/** Section 4.16: an attribute must not be a namespace declaration. */
function refuseDeclarations(context: SchemaContext, owner: XmlElement, nameClass: NameClass): void {
  if (nameClass.kind === 'choice') {
    for (const member of nameClass.members) refuseDeclarations(context, owner, member);
    return;
  }
  if (nameClass.kind === 'anyName') return;
  const declares =
    nameClass.ns === 'http://www.w3.org/2000/xmlns' ||
    nameClass.ns === 'http://www.w3.org/2000/xmlns/' ||
    (nameClass.kind === 'name' && nameClass.ns === '' && nameClass.local === 'xmlns');
  if (declares) fail(context, owner, 'an attribute cannot be a namespace declaration');
}
