import { type ChangedEntry, watchFolder } from '../events/folder-watch.ts';
import { Listeners } from '../events/listeners.ts';
import type { ListResult } from '../listed-device.ts';
import type { Definition } from './definition.ts';
import { formatDefinition, isFunctionText, parseDefinition } from './definition.ts';
import { fileFingerprint, fingerprintOf } from './fingerprint.ts';
import { DEFINITIONS, findFile, FUNCTION_DEFINITIONS, type Place } from './folder.ts';
import { uuidOfFileName } from './names.ts';
import { alreadyDefined, changedMeanwhile, notDefined } from './problems.ts';
import type { DefinitionRef, StoredDefinition } from './read.ts';
import {
  byParentAndUuid,
  findDefinitions,
  listDefinitionRefs,
  listDefinitions,
  readDefinition,
  salvage,
} from './read.ts';
import { contentOf, restoreFile, sweepFolder, undefineFile, updateFile } from './write.ts';

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

/**
 * The files below a root: mdevctl's, and ours of functions with a type. All methods throw NodedevError
 * `definition-invalid`, `permission-denied`, `store-failed`.
 */
export function definitionFiles(root: string): DefinitionStore {
  const changes = new Listeners<DefinitionRef | undefined>();
  /** Where a definition is; undefined: nowhere. */
  const placeOf = ({ parent, uuid }: DefinitionRef): Place | undefined =>
    PLACES.find((place) => findFile(root, parent, uuid, place) !== undefined);
  const ofAll = <T extends DefinitionRef>(read: (place: Place) => ListResult<T>): ListResult<T> => {
    const [mdevctls, ours] = [read(DEFINITIONS), read(FUNCTION_DEFINITIONS)];
    if (ours.items.length === 0 && ours.problems.length === 0) return mdevctls;
    return {
      items: [...mdevctls.items, ...ours.items].toSorted(byParentAndUuid),
      problems: [...mdevctls.problems, ...ours.problems],
    };
  };
  const restore = (ref: DefinitionRef, text: string | Uint8Array): void => {
    if (placeOf(ref) !== undefined) throw alreadyDefined(ref.parent, ref.uuid);
    restoreFile(
      root,
      ref,
      text,
      undefined,
      isFunctionText(text) ? FUNCTION_DEFINITIONS : DEFINITIONS,
    );
    changes.tell(ref);
  };
  return {
    list: (isWanted) => ofAll((place) => listDefinitions(root, isWanted, place)),
    refs: () => ofAll((place) => listDefinitionRefs(root, place)),
    find: (uuid) => PLACES.flatMap((place) => findDefinitions(root, uuid, place)),
    read: (ref) => readDefinition(root, ref, placeOf(ref)),
    salvage: (ref) => salvage(root, ref, placeOf(ref)),
    fingerprint: (ref) => fileFingerprint(root, ref, placeOf(ref)),
    define: (ref, definition) => {
      restore(ref, formatDefinition(definition));
    },
    restore,
    update: (stored, text) => {
      updateFile(stored, text);
      changes.tell(stored);
    },
    undefine: (ref) => {
      undefineFile(root, ref, undefined, placeOf(ref));
      changes.tell(ref);
    },
    keep: (ref) => {
      const content = contentOf(root, ref, placeOf(ref));
      return () => {
        restore(ref, content());
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
      for (const place of PLACES) watchFolder(root, place, true, changed, signal);
    },
    sweep: () => {
      for (const place of PLACES) sweepFolder(root, undefined, place);
    },
  };
}

const PLACES: readonly Place[] = [DEFINITIONS, FUNCTION_DEFINITIONS];

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
