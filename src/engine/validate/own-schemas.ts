import { type Schema, schemaOf } from '../../relaxng/schema.ts';
import { schemaOfData } from '../../relaxng/schema-data.ts';
import { ownSchemaData } from './own-schema-data.ts';

/** What is validated here: domains, node devices, profiles of simulated hosts, fleets. */
export type DocumentKind = 'domain' | 'device' | 'host' | 'fleet';

/** The schemas that documents are held against. */
export interface Schemas {
  /** @throws NodedevError `schema-invalid`, also for one that is not there */
  readonly of: (kind: DocumentKind) => Schema;
  /** Whether the one for node devices knows `<devices>`, several in one document. */
  readonly knowDevices: boolean;
}

/** The file of each kind's schema, in this package and in libvirt's. */
export const SCHEMA_FILES: Readonly<Record<DocumentKind, string>> = {
  domain: 'domain.rng',
  device: 'nodedev.rng',
  host: 'host.rng',
  fleet: 'fleet.rng',
};

/** A schema gets faster with every document. */
const compiled = new Map<DocumentKind, Schema>();

/** This package's schemas. */
export const OWN_SCHEMAS: Schemas = {
  knowDevices: true,
  of(kind) {
    const known = compiled.get(kind);
    if (known !== undefined) return known;
    const schema = schemaOf(schemaOfData(ownSchemaData(SCHEMA_FILES[kind])));
    compiled.set(kind, schema);
    return schema;
  },
};
