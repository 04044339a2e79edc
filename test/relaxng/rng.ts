import { compileSchema, type Schema, type SchemaLoader } from '../../src/relaxng/schema.ts';
import { readXml } from '../../src/xml/read.ts';

const declarations =
  'xmlns="http://relaxng.org/ns/structure/1.0" ' +
  'datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes"';

/** A schema's text: the declarations every schema needs, put into its root element. */
export function rng(text: string): string {
  return text.replace(/^\s*<\w+/u, (start) => `${start} ${declarations}`);
}

export function compile(text: string, load?: SchemaLoader): Schema {
  return compileSchema(rng(text), { file: 'schema.rng', load });
}

/** Whether a document is valid, and that both ways of asking agree. */
export function verdict(schema: Schema, xml: string): 'valid' | 'invalid' {
  const { root } = readXml(xml);
  const issues = schema.validate(root);
  if (schema.matches(root) !== (issues.length === 0))
    throw new Error('issues contradict the verdict');
  return issues.length === 0 ? 'valid' : 'invalid';
}

/** Files by name, for schemas that refer to others. */
export function filesOf(files: Readonly<Record<string, string>>): SchemaLoader {
  return (href) => {
    const text = files[href];
    if (text === undefined) throw new Error('no such file');
    return { file: href, text: rng(text) };
  };
}
