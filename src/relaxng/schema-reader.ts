import { attributeOf, textOf, type XmlElement } from '../xml/element.ts';
import { findDatatype, type Datatype, type Parameter } from './datatype.ts';
import { namespaceOf, splitName } from '../xml/namespaces.ts';
import {
  checkAttributes,
  enter,
  fail,
  locate,
  relaxngName,
  required,
  type SchemaContext,
  schemaChildren,
} from './schema-context.ts';
import { addDefinition, type Overrides, readOverrides } from './schema-definitions.ts';
import { readNameClass } from './schema-name-class.ts';
import { type Grammar, type SchemaNode, START_NAME } from './schema-node.ts';

const ANNOTATION_NAMESPACE = 'http://relaxng.org/ns/compatibility/annotations/1.0';

/** Reads one pattern of a schema, with all files it refers to. References to definitions are kept. */
export function readPattern(outer: SchemaContext, element: XmlElement): SchemaNode {
  const context = enter(outer, element);
  const location = locate(context, element);
  const kind = relaxngName(outer, element);
  const attributes = PATTERN_ATTRIBUTES.get(kind ?? '');
  if (attributes !== undefined) checkAttributes(context, element, attributes);
  switch (kind) {
    case 'element':
    case 'attribute': {
      const { nameClass, children } = readNameClass(context, element);
      const inner = { ...context, label: undefined };
      if (kind === 'attribute' && children.length > 1) {
        fail(context, element, '<attribute> can only contain one pattern');
      }
      const content: SchemaNode =
        kind === 'attribute' && children.length === 0
          ? { kind: 'text', location }
          : group(inner, element, children);
      return { kind, nameClass, content, location };
    }
    case 'group':
      return group(context, element);
    case 'choice':
    case 'interleave':
      return { kind, members: readAll(context, element), location };
    case 'optional':
      return {
        kind: 'choice',
        members: [group(context, element), { kind: 'empty', location }],
        location,
      };
    case 'zeroOrMore': {
      const repeated: SchemaNode = { kind: 'oneOrMore', item: group(context, element), location };
      return { kind: 'choice', members: [repeated, { kind: 'empty', location }], location };
    }
    case 'oneOrMore':
    case 'list':
      return { kind, item: group(context, element), location };
    case 'mixed':
      return {
        kind: 'interleave',
        members: [group(context, element), { kind: 'text', location }],
        location,
      };
    case 'empty':
    case 'notAllowed':
    case 'text':
      if (schemaChildren(context, element).length > 0) {
        fail(context, element, `<${kind}> must be empty`);
      }
      return { kind, location };
    case 'data':
      return readData(context, element);
    case 'value':
      return readValue(context, element);
    case 'ref':
    case 'parentRef': {
      const grammar = kind === 'ref' ? context.grammar : context.grammar?.parent;
      if (grammar === undefined) fail(context, element, `<${kind}> stands in no grammar`);
      return { kind: 'ref', name: required(context, element, 'name'), grammar, location };
    }
    case 'externalRef': {
      const opened = context.open(required(context, element, 'href'), element, context);
      // The other file cannot use definitions of the grammar around the reference.
      return readPattern({ ...opened.context, grammar: undefined }, opened.root);
    }
    case 'grammar': {
      const grammar: Grammar = { parent: context.grammar, definitions: new Map() };
      readGrammarContent({ ...context, grammar, label: undefined }, element, grammar, []);
      return { kind: 'ref', name: START_NAME, grammar, location };
    }
    case undefined:
    default:
      return fail(context, element, `<${element.name}> is no pattern of RELAX NG`);
  }
}

/** The attributes of each pattern, without `ns` and `datatypeLibrary`, which all can have. */
const PATTERN_ATTRIBUTES: ReadonlyMap<string, readonly string[]> = new Map([
  ['element', ['name']],
  ['attribute', ['name']],
  ['ref', ['name']],
  ['parentRef', ['name']],
  ['externalRef', ['href']],
  ['data', ['type']],
  ['value', ['type']],
  ...'group interleave choice optional zeroOrMore oneOrMore list mixed empty notAllowed text grammar'
    .split(' ')
    .map((kind): [string, readonly string[]] => [kind, []]),
]);

/** Section 4.12: several patterns are read as a group. At least one is required. */
function group(
  context: SchemaContext,
  element: XmlElement,
  children: readonly XmlElement[] = schemaChildren(context, element),
): SchemaNode {
  const members = readAll(context, element, children);
  const [only] = members;
  return only !== undefined && members.length === 1
    ? only
    : { kind: 'group', members, location: locate(context, element) };
}

function readAll(
  context: SchemaContext,
  element: XmlElement,
  children: readonly XmlElement[] = schemaChildren(context, element),
): readonly SchemaNode[] {
  if (children.length === 0) fail(context, element, `<${element.name}> contains no pattern`);
  return children.map((child) => readPattern(context, child));
}

function readData(context: SchemaContext, element: XmlElement): SchemaNode {
  const parameters: Parameter[] = [];
  let except: SchemaNode | undefined;
  for (const child of schemaChildren(context, element)) {
    const kind = relaxngName(context, child);
    if (except !== undefined) fail(context, child, 'nothing can follow <except> in <data>');
    if (kind === 'param') {
      checkAttributes(context, child, ['name']);
      parameters.push({ name: required(context, child, 'name'), value: textOf(child) });
    } else if (kind === 'except') {
      const inner = enter(context, child);
      const members = readAll(inner, child);
      except = { kind: 'choice', members, location: locate(context, child) };
    } else fail(context, child, `<${child.name}> is not allowed in <data>`);
  }
  const datatype = datatypeOf(context, element, context.library, parameters);
  const label = documentation(context, element) ?? context.label;
  return { kind: 'data', datatype, except, label, location: locate(context, element) };
}

function datatypeOf(
  context: SchemaContext,
  element: XmlElement,
  library: string,
  parameters: readonly Parameter[],
): Datatype {
  const found = findDatatype(library, required(context, element, 'type'), parameters);
  if (typeof found === 'string') fail(context, element, found);
  return found;
}

/** A value without a type is a token of the built-in library (section 4.3). */
function readValue(context: SchemaContext, element: XmlElement): SchemaNode {
  if (element.children.some(({ kind }) => kind === 'element')) {
    fail(context, element, '<value> can only contain text');
  }
  const text = textOf(element);
  const builtIn = findDatatype('', 'token');
  const datatype =
    attributeOf(element, 'type') !== undefined || typeof builtIn === 'string'
      ? datatypeOf(context, element, context.library, [])
      : builtIn;
  const key = datatype.key(text);
  if (key === undefined) fail(context, element, `'${text}' is no value of type '${datatype.name}'`);
  return { kind: 'value', datatype, key, text: text.trim(), location: locate(context, element) };
}

/** The text of an `a:documentation` child: it is the name of a value in our messages. */
function documentation(context: SchemaContext, element: XmlElement): string | undefined {
  for (const child of element.children) {
    if (child.kind !== 'element') continue;
    const { prefix, local } = splitName(child.name);
    if (local !== 'documentation') continue;
    if (namespaceOf(prefix, context.scope) === ANNOTATION_NAMESPACE) return textOf(child).trim();
  }
  return undefined;
}

/** @param overrides definitions that the `<include>`s around this content replace */
function readGrammarContent(
  context: SchemaContext,
  owner: XmlElement,
  grammar: Grammar,
  overrides: readonly Overrides[],
): void {
  for (const element of schemaChildren(context, owner)) {
    const inner = enter(context, element);
    const kind = relaxngName(context, element);
    switch (kind) {
      case 'start':
      case 'define': {
        checkAttributes(inner, element, kind === 'start' ? ['combine'] : ['name', 'combine']);
        const name = kind === 'start' ? START_NAME : required(inner, element, 'name');
        let replaced = false;
        for (const override of overrides) replaced = override.replace(name) || replaced;
        if (replaced) break;
        const label = kind === 'start' ? undefined : (documentation(inner, element) ?? name);
        addDefinition(inner, element, grammar, name, group({ ...inner, label }, element));
        break;
      }
      case 'div':
        checkAttributes(inner, element, []);
        readGrammarContent(inner, element, grammar, overrides);
        break;
      case 'include':
        checkAttributes(inner, element, ['href']);
        readInclude(inner, element, grammar, overrides);
        break;
      case undefined:
      default:
        fail(inner, element, `<${element.name}> is not allowed in <${owner.name}>`);
    }
  }
}

/** Section 4.7: definitions inside the `<include>` replace those of the file. */
function readInclude(
  context: SchemaContext,
  element: XmlElement,
  grammar: Grammar,
  overrides: readonly Overrides[],
): void {
  const own = readOverrides(context, element);
  const opened = context.open(required(context, element, 'href'), element, context);
  if (relaxngName(opened.context, opened.root) !== 'grammar') {
    fail(context, element, 'what is included must be a grammar');
  }
  const inner = enter({ ...opened.context, grammar }, opened.root);
  readGrammarContent(inner, opened.root, grammar, [...overrides, own]);
  const [missing] = own.unused();
  if (missing !== undefined) {
    fail(context, element, `the included grammar has no ${describeDefinition(missing)} to replace`);
  }
  readGrammarContent(context, element, grammar, overrides);
}

function describeDefinition(name: string): string {
  return name === START_NAME ? '<start>' : `definition '${name}'`;
}
