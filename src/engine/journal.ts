import type { NamedValue } from '../nodedev/device.ts';

/** The device an intent is about. A device with another parent or type is not the one that was meant. */
interface Meant {
  readonly uuid: string;
  /** sysfs name of the parent. */
  readonly parent: string;
  /** Type id. */
  readonly type: string;
  readonly group?: string | undefined;
}

/** A device that is to be created or removed. */
export interface DeviceIntent extends Meant {
  readonly do: 'create' | 'destroy';
}

/** A definition that is to be written or removed. */
export interface DefinitionIntent extends Meant {
  readonly do: 'define' | 'undefine';
  /** The file's text: a file with another one is somebody else's. */
  readonly text: string;
}

/** A definition that is to be replaced. */
export interface RedefinitionIntent extends Meant {
  readonly do: 'redefine';
  readonly before: string;
  readonly after: string;
}

/** An active device whose attributes are to be written. */
export interface SettingsIntent extends Meant {
  readonly do: 'set';
  /** What the kernel says now; without a value: what cannot be read. */
  readonly values: readonly { readonly name: string; readonly value?: string | undefined }[];
  /** What our record of the device says now. */
  readonly attributes: readonly NamedValue[];
  readonly params?: string | undefined;
}

/** One thing an operation is going to do to the host, with what is needed to undo or to finish it. */
export type Intent = DeviceIntent | DefinitionIntent | RedefinitionIntent | SettingsIntent;

/** All that one operation is going to do. */
export interface JournalEntry {
  /** Unique. The store's `settled` says whether the operation is complete. */
  readonly id: string;
  /** The process, as `processIdentity` names it: while it runs, its operation may just be going on. */
  readonly process: string;
  /** The boot whose devices are meant: in another one they are gone, and only definitions count. */
  readonly boot: string;
  /** In the order they are done. */
  readonly intents: readonly Intent[];
}

/**
 * What operations are going to do, kept where a kill or a power cut leaves it. LMDB's write transaction is the lock
 * between our processes and is lost with its holder, while the kernel keeps what was done; so this stands beside it.
 * An entry is written before the first step; the operation is complete when the store's transaction, which says so,
 * is on disk; then the entry goes. Only the holder of the store's lock writes entries.
 */
export interface Journal {
  /** Those that are still there, complete or not. @throws NodedevError `permission-denied`, `store-failed` */
  entries(): readonly JournalEntry[];
  /** Durable when it returns; replaces the entry of this id. @throws NodedevError `permission-denied`, `store-failed` */
  write(entry: JournalEntry): void;
  /** `durably`: waits until it is gone from the disk; else it is when the next entry is written. */
  remove(id: string, options?: { readonly durably: boolean }): void;
}

/** Of a host in memory: nothing survives its process, but undoing is the same. */
export function memoryJournal(): Journal {
  const entries = new Map<string, JournalEntry>();
  return {
    entries: () => [...entries.values()],
    write: (entry) => {
      entries.set(entry.id, entry);
    },
    remove: (id) => {
      entries.delete(id);
    },
  };
}
