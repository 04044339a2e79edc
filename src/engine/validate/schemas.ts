import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { NodedevError } from '../../errors.ts';
import { packageRoot } from '../../host/package-root.ts';
import type { Schema } from '../../relaxng/schema.ts';
import { loadSchemaFile } from '../../relaxng/schema-file.ts';

/** What is validated here: domains, node devices, profiles of simulated hosts. */
export type DocumentKind = 'domain' | 'device' | 'host';

/** Where libvirt installs its schemas. */
const LIBVIRT_SCHEMAS = '/usr/share/libvirt/schemas';

const FILES: Readonly<Record<DocumentKind, string>> = {
  domain: 'domain.rng',
  device: 'nodedev.rng',
  host: 'host.rng',
};

/** By path: a schema gets faster with every document, and libvirt's takes a while to read. */
const loaded = new Map<string, Schema>();

/**
 * The schema a kind of document is held against.
 *
 * @param choice `ours` (this package's), `libvirt` (those installed with libvirt, which has none for host profiles:
 * ours), or a file, for documents of every kind
 * @throws NodedevError `schema-invalid`, also for one that is not there
 */
export function schemaFor(kind: DocumentKind, choice: string): Schema {
  const path = schemaPath(kind, choice);
  const known = loaded.get(path);
  if (known !== undefined) return known;
  const schema = loadSchemaFile(path);
  loaded.set(path, schema);
  return schema;
}

function schemaPath(kind: DocumentKind, choice: string): string {
  if (choice === 'libvirt' && kind !== 'host') return libvirtSchema(FILES[kind]);
  return choice === 'ours' || choice === 'libvirt'
    ? join(packageRoot(), 'schemas', FILES[kind])
    : resolve(choice);
}

function libvirtSchema(file: string): string {
  const path = join(LIBVIRT_SCHEMAS, file);
  if (existsSync(path)) return path;
  throw new NodedevError('schema-invalid', `libvirt's schemas are not installed: no ${path}`, {
    hint: "Install libvirt's schemas (Debian: package libvirt0), or validate with ours.",
  });
}
