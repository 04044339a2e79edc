import type { ListResult } from '../types.ts';
import type { Definition } from './definition.ts';
import { formatDefinition } from './definition.ts';
import { findFile } from './folder.ts';
import { alreadyDefined, changedMeanwhile, notDefined } from './problems.ts';
import type { DefinitionRef, StoredDefinition } from './read.ts';
import { findDefinitions, listDefinitionRefs, listDefinitions, readDefinition } from './read.ts';
import { defineFile, sweepFolder, undefineFile, updateFile } from './write.ts';

/** The definitions of one host: mdevctl's files, or for a host in memory the same in memory. */
export interface DefinitionStore {
  /** All, sorted by parent, then uuid, and beside them what could not be read. */
  list(): ListResult<StoredDefinition>;
  /** Which there are, without opening one. */
  refs(): readonly DefinitionRef[];
  /** Those of one uuid, which may be defined under several parents. */
  find(uuid: string): readonly StoredDefinition[];
  /** Undefined when there is none. */
  read(ref: DefinitionRef): StoredDefinition | undefined;
  /** Whether there is one, readable or not. */
  has(ref: DefinitionRef): boolean;
  /** Of several defines exactly one wins: `device-defined` for the others. */
  define(ref: DefinitionRef, definition: Definition): void;
  /** Replaces what was read before; `definition-changed` when it is no longer that. */
  update(stored: StoredDefinition, definition: Definition): void;
  /** Removes it, readable or not; `device-undefined` when there is none. */
  undefine(ref: DefinitionRef): void;
  /** Removes what killed programs left half written; only while holding the store's lock. */
  sweep(): void;
}

/** mdevctl's files below a root. All methods throw NodedevError `definition-invalid`, `permission-denied`, `store-failed`. */
export function definitionFiles(root: string): DefinitionStore {
  return {
    list: () => listDefinitions(root),
    refs: () => listDefinitionRefs(root),
    find: (uuid) => findDefinitions(root, uuid),
    read: (ref) => readDefinition(root, ref),
    has: (ref) => findFile(root, ref.parent, ref.uuid) !== undefined,
    define: (ref, definition) => {
      defineFile(root, ref, definition);
    },
    update: (stored, definition) => {
      updateFile(stored, definition);
    },
    undefine: (ref) => {
      undefineFile(root, ref);
    },
    sweep: () => {
      sweepFolder(root);
    },
  };
}

/** Definitions that are gone with the process. */
export function memoryDefinitions(): DefinitionStore {
  const stored = new Map<string, StoredDefinition>();
  const keyOf = ({ parent, uuid }: DefinitionRef): string => `${parent}/${uuid}`;
  const put = ({ parent, uuid }: DefinitionRef, definition: Definition): void => {
    const key = keyOf({ parent, uuid });
    const snapshot = { inode: 0, text: formatDefinition(definition) };
    stored.set(key, { parent, uuid, definition, path: key, snapshot });
  };
  const sorted = (): StoredDefinition[] =>
    [...stored.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return {
    list: () => ({ items: sorted(), problems: [] }),
    refs: sorted,
    find: (uuid) => sorted().filter((definition) => definition.uuid === uuid),
    read: (ref) => stored.get(keyOf(ref)),
    has: (ref) => stored.has(keyOf(ref)),
    define: (ref, definition) => {
      if (stored.has(keyOf(ref))) throw alreadyDefined(ref.parent, ref.uuid);
      put(ref, definition);
    },
    update: (before, definition) => {
      const now = stored.get(keyOf(before));
      if (now === undefined) throw notDefined(before.parent, before.uuid);
      if (now.snapshot.text !== before.snapshot.text) throw changedMeanwhile(before.path);
      put(before, definition);
    },
    undefine: (ref) => {
      if (!stored.delete(keyOf(ref))) throw notDefined(ref.parent, ref.uuid);
    },
    sweep: () => undefined,
  };
}
