import { type ChangedEntry, watchFolder } from '../events/folder-watch.ts';
import { Listeners } from '../events/listeners.ts';
import type { ListResult } from '../types.ts';
import type { Definition } from './definition.ts';
import { formatDefinition, parseDefinition } from './definition.ts';
import { fileFingerprint, fingerprintOf } from './fingerprint.ts';
import { DEFINITIONS } from './folder.ts';
import { uuidOfFileName } from './names.ts';
import { alreadyDefined, changedMeanwhile, notDefined } from './problems.ts';
import type { DefinitionRef, StoredDefinition } from './read.ts';
import { findDefinitions, listDefinitionRefs, listDefinitions, readDefinition } from './read.ts';
import { defineFile, restoreFile, sweepFolder, undefineFile, updateFile } from './write.ts';

/** The definitions of one host: mdevctl's files, or for a host in memory the same in memory. */
export interface DefinitionStore {
  /** All (that are wanted), sorted by parent, then uuid, and beside them what could not be read. */
  list(isWanted?: (ref: DefinitionRef) => boolean): ListResult<StoredDefinition>;
  /** Which there are, without opening one, and beside them what could not be looked at. */
  refs(): ListResult<DefinitionRef>;
  /** Under which parents a uuid is defined, without opening a file: broken ones are found as well. */
  find(uuid: string): readonly DefinitionRef[];
  /** Undefined when there is none. */
  read(ref: DefinitionRef): StoredDefinition | undefined;
  /** What it holds, readable or not, as {@link fingerprintOf} tells it; undefined when there is none. */
  fingerprint(ref: DefinitionRef): string | undefined;
  /** Of several defines exactly one wins: `device-defined` for the others. */
  define(ref: DefinitionRef, definition: Definition): void;
  /** Replaces what was read before, to the byte; `definition-changed` when it is no longer that. */
  update(stored: StoredDefinition, text: string): void;
  /** Removes it, readable or not; `device-undefined` when there is none. Returns what puts it back as it was. */
  undefine(ref: DefinitionRef): () => void;
  /** Writes one that is not there, to the byte. As {@link define}. */
  restore(ref: DefinitionRef, text: string): void;
  /** Removes what killed programs left half written; only while holding the store's lock. */
  sweep(): void;
  /**
   * Tells that a definition may have changed, or with nothing that any may have, until `signal` is aborted: at once
   * for changes made here, as soon as it is seen for those of other programs. It may tell too often.
   */
  watch(listener: (ref: DefinitionRef | undefined) => void, signal: AbortSignal): void;
}

/** mdevctl's files below a root. All methods throw NodedevError `definition-invalid`, `permission-denied`, `store-failed`. */
export function definitionFiles(root: string): DefinitionStore {
  const changes = new Listeners<DefinitionRef | undefined>();
  return {
    list: (isWanted) => listDefinitions(root, isWanted),
    refs: () => listDefinitionRefs(root),
    find: (uuid) => findDefinitions(root, uuid),
    read: (ref) => readDefinition(root, ref),
    fingerprint: (ref) => fileFingerprint(root, ref),
    define: (ref, definition) => {
      defineFile(root, ref, definition);
      changes.tell(ref);
    },
    restore: (ref, text) => {
      restoreFile(root, ref, text);
      changes.tell(ref);
    },
    update: (stored, text) => {
      updateFile(stored, text);
      changes.tell(stored);
    },
    undefine: (ref) => {
      const putBack = undefineFile(root, ref);
      changes.tell(ref);
      return () => {
        putBack();
        changes.tell(ref);
      };
    },
    watch: (listener, signal) => {
      changes.add(listener, signal);
      const changed = (entry: ChangedEntry | undefined): void => {
        if (entry === undefined) listener(undefined);
        const uuid = uuidOfFileName(entry?.file ?? '');
        const parent = entry?.folder;
        if (uuid !== undefined && parent !== undefined) listener({ parent, uuid });
      };
      watchFolder(root, DEFINITIONS, true, changed, signal);
    },
    sweep: () => {
      sweepFolder(root);
    },
  };
}

/** Definitions that are gone with the process. */
export function memoryDefinitions(): DefinitionStore {
  const stored = new Map<string, StoredDefinition>();
  /** The same by uuid, for look-ups. */
  const byUuid = new Map<string, Map<string, StoredDefinition>>();
  const changes = new Listeners<DefinitionRef | undefined>();
  const keyOf = ({ parent, uuid }: DefinitionRef): string => `${parent}/${uuid}`;
  const put = ({ parent, uuid }: DefinitionRef, text: string): void => {
    const key = keyOf({ parent, uuid });
    const definition = parseDefinition(text);
    keep({ parent, uuid, definition, path: key, snapshot: { inode: 0, text } });
    changes.tell({ parent, uuid });
  };
  const keep = (definition: StoredDefinition): void => {
    stored.set(definition.path, definition);
    const same = byUuid.get(definition.uuid) ?? new Map<string, StoredDefinition>();
    byUuid.set(definition.uuid, same.set(definition.path, definition));
  };
  const sorted = (): StoredDefinition[] => [...stored.values()].toSorted(byPath);
  return {
    list: (isWanted = () => true) => ({ items: sorted().filter(isWanted), problems: [] }),
    refs: () => ({ items: sorted(), problems: [] }),
    find: (uuid) => [...(byUuid.get(uuid)?.values() ?? [])].toSorted(byPath),
    read: (ref) => stored.get(keyOf(ref)),
    fingerprint: (ref) => {
      const text = stored.get(keyOf(ref))?.snapshot.text;
      return text === undefined ? undefined : fingerprintOf(text);
    },
    define: (ref, definition) => {
      if (stored.has(keyOf(ref))) throw alreadyDefined(ref.parent, ref.uuid);
      put(ref, formatDefinition(definition));
    },
    restore: (ref, text) => {
      if (stored.has(keyOf(ref))) throw alreadyDefined(ref.parent, ref.uuid);
      put(ref, text);
    },
    update: (before, text) => {
      const now = stored.get(keyOf(before));
      if (now === undefined) throw notDefined(before.parent, before.uuid);
      if (now.snapshot.text !== before.snapshot.text) throw changedMeanwhile(before.path);
      put(before, text);
    },
    undefine: (ref) => {
      const key = keyOf(ref);
      const before = stored.get(key);
      if (before === undefined) throw notDefined(ref.parent, ref.uuid);
      stored.delete(key);
      byUuid.get(ref.uuid)?.delete(key);
      changes.tell(ref);
      return () => {
        keep(before);
        changes.tell(ref);
      };
    },
    sweep: () => undefined,
    watch: (listener, signal) => changes.add(listener, signal),
  };
}

const byPath = (a: StoredDefinition, b: StoredDefinition): number => (a.path < b.path ? -1 : 1);
