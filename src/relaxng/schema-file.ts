import { dirname, resolve } from 'node:path';
import { readRegularFile } from '../bounded-read.ts';
import { NodedevError } from '../errors.ts';
import { compileSchema, type Schema, type SchemaLoader } from './schema.ts';

/**
 * Loads a schema from disk, with the files it includes. Paths are relative to the file that names them.
 *
 * @throws NodedevError `schema-invalid`, also when the file cannot be read, and the reader's codes (`xml-…`)
 */
export function loadSchemaFile(path: string): Schema {
  try {
    return compileSchema(readRegularFile(path), { file: path, load: loadFile });
  } catch (error) {
    if (error instanceof NodedevError || !(error instanceof Error)) throw error;
    throw new NodedevError('schema-invalid', `schema '${path}' cannot be read: ${error.message}`, {
      hint: 'name a RELAX NG schema in XML syntax (.rng)',
      cause: error,
    });
  }
}

/** Reads local files only: a schema never causes network access. */
const loadFile: SchemaLoader = (href, base) => {
  if (/^[a-z][a-z\d+.-]+:/iu.test(href)) throw new Error('only files are loaded, no addresses');
  const file = resolve(base === undefined ? '.' : dirname(base), decodeURIComponent(href));
  return { file, text: readRegularFile(file) };
};
