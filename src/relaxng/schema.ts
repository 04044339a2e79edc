import { type Issue, NodedevError } from '../errors.ts';
import type { XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read.ts';
import { type Automaton, buildAutomaton } from './automaton.ts';
import { diagnose } from './diagnosis.ts';
import { matches } from './matcher.ts';
import { checkRestrictions } from './restrictions.ts';
import { fail, type OpenedSchema, type SchemaContext } from './schema-context.ts';
import type { SchemaNode } from './schema-node.ts';
import { readPattern } from './schema-reader.ts';

/** Finds a file a schema refers to. `base`: the file that refers to it. */
export type SchemaLoader = (
  href: string,
  base: string | undefined,
) => { readonly file: string; readonly text: string | Uint8Array };

export interface CompileOptions {
  /** Name of the schema's file, for messages and as base of what it refers to. */
  readonly file?: string | undefined;
  /** Without it, a schema that refers to other files is refused. */
  readonly load?: SchemaLoader | undefined;
}

export interface ValidateOptions {
  /** Name of the document's file, for locations that have none. */
  readonly file?: string | undefined;
  /** Stops looking after so many. Default 100. */
  readonly maxErrors?: number | undefined;
}

/** A schema ready for use. Faster with every document: states it has seen are remembered. */
export interface Schema {
  /** Nothing for a valid document; else at least one issue, in document order. See the codes in messages.ts. */
  validate(root: XmlElement, options?: ValidateOptions): readonly Issue[];
  /** Only whether it is valid: what {@link validate} asks first. */
  matches(root: XmlElement): boolean;
}

/** Above so many a schema forgets what it has seen. 6,000 different documents make 3,000 of libvirt's domain schema. */
const mostPatterns = 100_000;

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
  return new CompiledSchema(start);
}

class CompiledSchema implements Schema {
  private readonly start: SchemaNode;
  private automaton: Automaton;

  constructor(start: SchemaNode) {
    this.start = start;
    this.automaton = buildAutomaton(start);
  }

  matches(root: XmlElement): boolean {
    if (this.automaton.derivatives.patterns.size > mostPatterns) {
      this.automaton = buildAutomaton(this.start);
    }
    return matches(this.automaton, root);
  }

  validate(root: XmlElement, options: ValidateOptions = {}): readonly Issue[] {
    if (this.matches(root)) return [];
    return diagnose(this.automaton, root, {
      file: options.file,
      maxErrors: options.maxErrors ?? 100,
    });
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
