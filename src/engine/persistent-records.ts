import type { KvReader, KvWriter } from './kv.ts';
import type { DefinitionRecord, PersistentEntry } from './records.ts';
import type { DomainRef } from './types.ts';

const DEFINITION = 'definition/';
const OWNER = 'owner/';
const SETTLED = 'settled';

/** Names a definition: one uuid may be defined under several parents. */
interface Ref {
  readonly parent: string;
  readonly uuid: string;
}

export interface PersistentView {
  definition(ref: Ref): DefinitionRecord | undefined;
  definitions(): readonly DefinitionRecord[];
  /** Of a group with definitions. */
  persistentOwner(group: string): DomainRef | undefined;
  /** Id of the last operation of the journal that is complete. */
  settled(): string | undefined;
}

export function persistentView(reader: KvReader<PersistentEntry>): PersistentView {
  const definitionOf = (entry: PersistentEntry | undefined): DefinitionRecord | undefined =>
    entry?.kind === 'definition' ? entry : undefined;
  return {
    definition: (ref) => definitionOf(reader.get(keyOf(ref))),
    definitions: () =>
      [...reader.range(DEFINITION)].flatMap(([, entry]) => definitionOf(entry) ?? []),
    persistentOwner: (group) => {
      const entry = reader.get(OWNER + group);
      return entry?.kind === 'owner' ? entry.owner : undefined;
    },
    settled: () => {
      const entry = reader.get(SETTLED);
      return entry?.kind === 'settled' ? entry.id : undefined;
    },
  };
}

export function putDefinition(writer: KvWriter<PersistentEntry>, record: DefinitionRecord): void {
  writer.put(keyOf(record), record);
}

/** Also forgets the owner of a group that had no other definition. */
export function deleteDefinition(writer: KvWriter<PersistentEntry>, ref: Ref): void {
  const view = persistentView(writer);
  const group = view.definition(ref)?.group;
  writer.delete(keyOf(ref));
  if (group !== undefined && !view.definitions().some((record) => record.group === group)) {
    writer.delete(OWNER + group);
  }
}

export function setPersistentOwner(
  writer: KvWriter<PersistentEntry>,
  group: string,
  owner: DomainRef | undefined,
): void {
  if (owner === undefined) writer.delete(OWNER + group);
  else writer.put(OWNER + group, { kind: 'owner', group, owner });
}

export function settle(writer: KvWriter<PersistentEntry>, id: string): void {
  writer.put(SETTLED, { kind: 'settled', id });
}

const keyOf = ({ parent, uuid }: Ref): string => `${DEFINITION}${parent}/${uuid}`;
