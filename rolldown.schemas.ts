import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'rolldown';
import { ownSchemaData } from './src/engine/validate/own-schema-data.ts';
import { SCHEMA_FILES } from './src/engine/validate/own-schemas.ts';

/** The module that reads our schemas. What is built has another in its place. */
export const SCHEMAS_MODULE = resolve('src/engine/validate/own-schema-data.ts');

/** The library is not bundled: there it is a file. */
const LIBRARY_MODULE = 'dist/engine/validate/own-schema-data.js';

/** The code of a module that has the schemas in it, so that no start reads and checks them. */
export function compiledSchemas(): string {
  const texts = Object.values(SCHEMA_FILES).map(
    (name) => [name, JSON.stringify(ownSchemaData(name))] as const,
  );
  return `const texts = new Map(${JSON.stringify(texts)});
export const ownSchemaData = (name) => JSON.parse(texts.get(name));
`;
}

export const withCompiledSchemas: Plugin = {
  name: 'with-compiled-schemas',
  load: (id) => (id === SCHEMAS_MODULE ? compiledSchemas() : null),
  writeBundle() {
    if (existsSync(LIBRARY_MODULE)) writeFileSync(LIBRARY_MODULE, compiledSchemas());
  },
};
