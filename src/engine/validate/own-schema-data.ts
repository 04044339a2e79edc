import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../host/package-root.ts';
import { readSchema } from '../../relaxng/schema.ts';
import { type SchemaData, schemaData } from '../../relaxng/schema-data.ts';

// A module of its own: the build puts one here that has the data in it (rolldown.schemas.ts).

/** A schema of `schemas/`, read and checked. */
export function ownSchemaData(name: string): SchemaData {
  const load = (file: string) => ({
    file,
    text: readFileSync(join(packageRoot(), 'schemas', file)),
  });
  return schemaData(readSchema(load(name).text, { load }));
}
