import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { NodedevError } from '../../errors.ts';
import type { Schema } from '../../relaxng/schema.ts';
import { loadSchemaFile } from '../../relaxng/schema-file.ts';
import { OWN_SCHEMAS, SCHEMA_FILES, type Schemas } from './own-schemas.ts';

/** Where libvirt installs its schemas. */
const LIBVIRT_SCHEMAS = '/usr/share/libvirt/schemas';

/** Schemas by path. They are kept, because a schema gets faster with every document. */
const loaded = new Map<string, Schema>();

/**
 * The schemas for validating documents.
 *
 * @param choice `ours` (this package's), `libvirt` (those installed with libvirt, which has none for host profiles
 * and fleets: ours), or a file, for documents of every kind
 */
export function schemasFor(choice: string): Schemas {
  if (choice === 'ours') return OWN_SCHEMAS;
  if (choice !== 'libvirt') return { knowDevices: true, of: () => fileSchema(resolve(choice)) };
  return {
    knowDevices: false,
    of: (kind) =>
      kind === 'host' || kind === 'fleet'
        ? OWN_SCHEMAS.of(kind)
        : fileSchema(libvirtSchema(SCHEMA_FILES[kind])),
  };
}

function fileSchema(path: string): Schema {
  const known = loaded.get(path);
  if (known !== undefined) return known;
  const schema = loadSchemaFile(path);
  loaded.set(path, schema);
  return schema;
}

function libvirtSchema(file: string): string {
  const path = join(LIBVIRT_SCHEMAS, file);
  if (existsSync(path)) return path;
  throw new NodedevError('schema-invalid', `libvirt's schemas are not installed: no ${path}`, {
    hint: "Install libvirt's schemas (Debian: package libvirt0), or validate with ours.",
  });
}
