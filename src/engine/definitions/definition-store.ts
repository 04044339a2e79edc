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
import {
  findDefinitions,
  listDefinitionRefs,
  listDefinitions,
  readDefinition,
  salvage,
} from './read.ts';
import {
  contentOf,
  defineFile,
  restoreFile,
  sweepFolder,
  undefineFile,
  updateFile,
} from './write.ts';

/** The definitions of one host: mdevctl's files, or objects in memory for a host in memory. */
export interface DefinitionStore {
  /** All definitions that `isWanted` selects, sorted by parent, then uuid, with a problem for each one that is unreadable. */
  list(isWanted?: (ref: DefinitionRef) => boolean): ListResult<StoredDefinition>;
  /** The parents and uuids of all definitions, without opening a file, and the problems. */
  refs(): ListResult<DefinitionRef>;
  /** The definitions of a uuid, also unreadable ones, without opening a file. */
  find(uuid: string): readonly DefinitionRef[];
  /** Undefined when there is none. */
  read(ref: DefinitionRef): StoredDefinition | undefined;
  /** What is known of a definition that `read` refuses; undefined when that is not even the type. */
  salvage(ref: DefinitionRef): Definition | undefined;
  /** The {@link fingerprintOf} a definition's content, also of an unreadable one; undefined when there is none. */
  fingerprint(ref: DefinitionRef): string | undefined;
  /** Writes a new definition. When several processes do this at once, one succeeds: `device-defined` for the others. */
  define(ref: DefinitionRef, definition: Definition): void;
  /** Replaces a definition that was read before; `definition-changed` when its file has changed since. */
  update(stored: StoredDefinition, text: string): void;
  /** Removes a definition, also an unreadable one; `device-undefined` when there is none. */
  undefine(ref: DefinitionRef): void;
  /** Returns what writes a removed definition again as it is now; that throws when it cannot be read now. */
  keep(ref: DefinitionRef): () => void;
  /** Writes a new definition with exactly this text. As {@link define}. */
  restore(ref: DefinitionRef, text: string): void;
  /** Removes temporary files of killed programs. Only while the lock is held. */
  sweep(): void;
  /**
   * Calls `listener` when a definition may have changed, until `signal` is aborted; without a definition when any of them
   * may have changed. Changes of this process are reported at once, those of others as soon as they are seen. It may be
   * called without a change.
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
    salvage: (ref) => salvage(root, ref),
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
      undefineFile(root, ref);
      changes.tell(ref);
    },
    keep: (ref) => {
      const content = contentOf(root, ref);
      return () => {
        restoreFile(root, ref, content());
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

/** Definitions in memory, which end with the process. */
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
    salvage: () => undefined, // in memory nothing breaks
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
      if (!stored.has(key)) throw notDefined(ref.parent, ref.uuid);
      stored.delete(key);
      byUuid.get(ref.uuid)?.delete(key);
      changes.tell(ref);
    },
    keep: (ref) => {
      const before = stored.get(keyOf(ref));
      return () => {
        if (before === undefined) throw notDefined(ref.parent, ref.uuid);
        keep(before);
        changes.tell(ref);
      };
    },
    sweep: () => undefined,
    watch: (listener, signal) => changes.add(listener, signal),
  };
}

const byPath = (a: StoredDefinition, b: StoredDefinition): number => (a.path < b.path ? -1 : 1);
