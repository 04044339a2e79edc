import type { KvReader, KvWriter } from './kv.ts';
import { SETTLED } from './settled.ts';
import type { Claimant, DefinitionRecord, PersistentEntry } from './records.ts';

const DEFINITION = 'definition/';
/** The beginning of keys by group. Names of groups have no `/`. */
const MEMBER = 'member/';
const OWNER = 'owner/';

/** The keys of a record. The first is its own. */
export function persistentKeys(entry: PersistentEntry): readonly [string, ...string[]] {
  switch (entry.kind) {
    case 'definition':
      return [keyOf(entry), memberKeyOf(entry)];
    case 'owner':
      return [OWNER + entry.group];
    case 'settled':
      return [SETTLED];
  }
}

/** Identifies a definition. A uuid may be defined under several parents. */
interface Ref {
  readonly parent: string;
  readonly uuid: string;
}

export interface PersistentView {
  definition(ref: Ref): DefinitionRecord | undefined;
  definitions(): readonly DefinitionRecord[];
  definitionsOf(group: string): readonly DefinitionRecord[];
  /** Of a group with definitions. */
  persistentOwner(group: string): Claimant | undefined;
}

export function persistentView(reader: KvReader<PersistentEntry>): PersistentView {
  const definitionOf = (entry: PersistentEntry | undefined): DefinitionRecord | undefined =>
    entry?.kind === 'definition' ? entry : undefined;
  const under = (prefix: string): readonly DefinitionRecord[] =>
    [...reader.range(prefix)].flatMap(([, entry]) => definitionOf(entry) ?? []);
  return {
    definition: (ref) => definitionOf(reader.get(keyOf(ref))),
    definitions: () => under(DEFINITION),
    definitionsOf: (group) => under(`${MEMBER}${group}/`),
    persistentOwner: (group) => {
      const entry = reader.get(OWNER + group);
      return entry?.kind === 'owner' ? entry.owner : undefined;
    },
  };
}

/** Writes or replaces the record of a definition. */
export function putDefinition(writer: KvWriter<PersistentEntry>, record: DefinitionRecord): void {
  if (persistentView(writer).definition(record)?.group !== record.group) {
    deleteDefinition(writer, record);
  }
  writer.put(keyOf(record), record);
  writer.put(memberKeyOf(record), record);
}

/** Removes the record of a definition, and the owner of a group that has no other definition. */
export function deleteDefinition(writer: KvWriter<PersistentEntry>, ref: Ref): void {
  const view = persistentView(writer);
  const record = view.definition(ref);
  if (record === undefined) return;
  writer.delete(keyOf(record));
  writer.delete(memberKeyOf(record));
  if (view.definitionsOf(record.group).length === 0) writer.delete(OWNER + record.group);
}

export function setPersistentOwner(
  writer: KvWriter<PersistentEntry>,
  group: string,
  owner: Claimant | undefined,
): void {
  if (owner === undefined) writer.delete(OWNER + group);
  else writer.put(OWNER + group, { kind: 'owner', group, owner });
}

const memberKeyOf = ({ group, parent, uuid }: DefinitionRecord): string =>
  `${MEMBER}${group}/${parent}/${uuid}`;

const keyOf = ({ parent, uuid }: Ref): string => `${DEFINITION}${parent}/${uuid}`;
