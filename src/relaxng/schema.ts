import { type Issue, NodedevError } from '../errors.ts';
import type { XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read.ts';
import { type Automaton, buildAutomaton } from './automaton.ts';
import { explainInvalid } from './explain-invalid.ts';
import { type KnownStates, matches } from './matcher.ts';
import { type Possible, possibleAt } from './possible.ts';
import { checkRestrictions } from './restrictions.ts';
import { fail, type OpenedSchema, type SchemaContext } from './schema-context.ts';
import type { SchemaNode } from './schema-node.ts';
import { readPattern } from './schema-reader.ts';

/** Reads a file that a schema refers to. `base` is the file with the reference. */
export type SchemaLoader = (
  href: string,
  base: string | undefined,
) => { readonly file: string; readonly text: string | Uint8Array };

export interface CompileOptions {
  /** Name of the schema's file, for messages and as the base of its references. */
  readonly file?: string | undefined;
  /** Without it, a schema that refers to other files is refused. */
  readonly load?: SchemaLoader | undefined;
}

export interface ValidateOptions {
  /** Name of the document's file, for locations that have none. */
  readonly file?: string | undefined;
  /** The search ends after so many issues. Default 100. */
  readonly maxErrors?: number | undefined;
  /** Of the elements that were in the document when it was validated last. */
  readonly known?: KnownStates | undefined;
}

/** A compiled schema. It remembers states, so it gets faster with every document. */
export interface Schema {
  /** The issues of a document, in its order; none for a valid one. messages.ts has the codes. */
  validate(root: XmlElement, options?: ValidateOptions): readonly Issue[];
  /** Whether a document is valid. */
  matches(root: XmlElement): boolean;
  /** What can come at the end of a path of open elements; undefined where the schema does not know one of them. */
  possible(path: readonly XmlElement[]): Possible | undefined;
}

/** With more patterns, a schema forgets its states. libvirt's domain schema has 3,000 after 6,000 different documents. */
const MOST_PATTERNS = 100_000;

/**
 * Compiles a RELAX NG schema in XML syntax.
 *
 * @throws NodedevError `schema-invalid` where the schema breaks the specification, with the location; the reader's
 * codes (`xml-…`) when it is no XML
 */
export function compileSchema(
  source: XmlElement | string | Uint8Array,
  options: CompileOptions = {},
): Schema {
  return schemaOf(readSchema(source, options));
}

/** A schema ready for use, of what {@link readSchema} read. */
export function schemaOf(start: SchemaNode): Schema {
  return new CompiledSchema(start);
}

/** Reads and checks a schema, with all files it refers to. Throws as {@link compileSchema}. */
export function readSchema(
  source: XmlElement | string | Uint8Array,
  options: CompileOptions = {},
): SchemaNode {
  const isText = typeof source === 'string' || source instanceof Uint8Array;
  const root = isText ? readXml(source, { file: options.file }).root : source;
  const context: SchemaContext = {
    files: [options.file],
    scope: undefined,
    ns: '',
    library: '',
    grammar: undefined,
    label: undefined,
    open: (href, element, from) => openFile(href, element, from, options.load),
  };
  const start = readPattern(context, root);
  checkRestrictions(start);
  return start;
}

class CompiledSchema implements Schema {
  readonly #start: SchemaNode;
  #automaton: Automaton;

  constructor(start: SchemaNode) {
    this.#start = start;
    this.#automaton = buildAutomaton(start);
  }

  matches(root: XmlElement, known?: KnownStates): boolean {
    if (this.#automaton.derivatives.patterns.size > MOST_PATTERNS) {
      this.#automaton = buildAutomaton(this.#start);
    }
    return matches(this.#automaton, root, known);
  }

  possible(path: readonly XmlElement[]): Possible | undefined {
    return possibleAt(this.#automaton, path);
  }

  validate(root: XmlElement, options: ValidateOptions = {}): readonly Issue[] {
    const { file, maxErrors = 100, known } = options;
    if (this.matches(root, known)) return [];
    return explainInvalid(this.#automaton, root, { file, maxErrors }, known);
  }
}

function openFile(
  href: string,
  element: XmlElement,
  from: SchemaContext,
  load: SchemaLoader | undefined,
): OpenedSchema {
  if (href.includes('#')) fail(from, element, `'${href}' must not have a fragment`);
  if (load === undefined)
    fail(from, element, `'${href}' cannot be loaded: no other files are to be had`);
  const { file, text } = loadOrFail(href, element, from, load);
  if (from.files.includes(file)) fail(from, element, `'${href}' includes itself`);
  const { root } = readXml(text, { file });
  return {
    root,
    context: { ...from, files: [...from.files, file], scope: undefined, library: '' },
  };
}

function loadOrFail(
  href: string,
  element: XmlElement,
  from: SchemaContext,
  load: SchemaLoader,
): ReturnType<SchemaLoader> {
  try {
    return load(href, from.files.at(-1));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new NodedevError('schema-invalid', `'${href}' cannot be loaded: ${error.message}`, {
      location: element.location,
      cause: error,
    });
  }
}
