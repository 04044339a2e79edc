import type { DeviceRecord } from '../store/records.ts';
import type { DomainRef } from '../../domain/domain-ref.ts';

/** The device an intent is about. A device with another parent or type is not the one that was meant. */
interface IntentDevice {
  readonly uuid: string;
  /** sysfs name of the parent. */
  readonly parent: string;
  /** Type id. */
  readonly type: string;
  readonly group?: string | undefined;
}

/** A device that is to be created. */
export interface CreateIntent extends IntentDevice {
  readonly do: 'create';
}

/** A device that is to be removed. */
export interface DestroyIntent extends IntentDevice {
  readonly do: 'destroy';
  /** What we know of it, to bring it back with; undefined for a device somebody else made. */
  readonly record?: DeviceRecord | undefined;
}

/** A definition that is to be written. */
export interface DefineIntent extends IntentDevice {
  readonly do: 'define';
  /** The file's fingerprint: a file with another one is somebody else's. */
  readonly content: string;
}

/** A definition that is to be removed. */
export interface UndefineIntent extends Omit<IntentDevice, 'type'> {
  readonly do: 'undefine';
  /** The file's fingerprint. */
  readonly content: string;
  /** The file's text, to bring it back with; undefined where it cannot be read. */
  readonly before?: string | undefined;
  readonly alias?: string | undefined;
}

/** A definition that is to be replaced. */
export interface RedefinitionIntent extends IntentDevice {
  readonly do: 'redefine';
  /** The file's text. */
  readonly before: string;
  /** The fingerprint of what replaces it. */
  readonly after: string;
}

/** An active device whose attributes are to be written. */
export interface SettingsIntent extends IntentDevice {
  readonly do: 'set';
  /** What the kernel says now; without a value: what cannot be read. */
  readonly values: readonly { readonly name: string; readonly value?: string | undefined }[];
  /** What our record of the device says now; undefined for a device somebody else made. */
  readonly settings?: DeviceSettings | undefined;
}

/** The part of a device's record that an update changes. */
export type DeviceSettings = Pick<DeviceRecord, 'attributes' | 'params' | 'alias'>;

/** A group that is to be given to a domain, or taken from it. */
export interface OwnerIntent {
  readonly do: 'claim' | 'release';
  readonly group: string;
  /** Whose its active members are now; undefined: nobody's. What its definitions say changes with `settled`. */
  readonly owner?: DomainRef | undefined;
}

/** One thing an operation is going to do, with what is needed to undo or to finish it. */
export type Intent =
  | CreateIntent
  | DestroyIntent
  | DefineIntent
  | UndefineIntent
  | RedefinitionIntent
  | SettingsIntent
  | OwnerIntent;

/** All that one operation is going to do. */
export interface JournalEntry {
  /** Unique. The store's `settled` says whether the operation is complete. */
  readonly id: string;
  /** The boot whose devices are meant: in another one they are gone, and only definitions count. */
  readonly boot: string;
  /** In the order they are done. One step does each create, destroy, define and undefine. */
  readonly intents: readonly Intent[];
  /** True: what it has destroyed and undefined is brought back; else that is finished. */
  readonly undoesAll?: true | undefined;
}

/** An entry, and how far its operation has come. */
export interface OpenEntry extends JournalEntry {
  /** How many steps were begun. All but the last were done: what was not begun was never ours. */
  readonly steps: number;
  /** The steps were being undone: how many still stand is not known. */
  readonly isUndone: boolean;
}

/**
 * What operations are going to do, kept where a kill or a power cut leaves it: a lock is lost with its holder, while the
 * kernel keeps what was done. An entry is written before the first step; the operation is complete when the store, which
 * says so, is on disk; then the entry goes. Only the holder of the store's lock writes entries.
 */
export interface Journal {
  /** Those that are still there, complete or not. @throws NodedevError `permission-denied`, `store-failed` */
  entries(): readonly OpenEntry[];
  /** Durable when it returns; replaces the entry of this id. @throws NodedevError `permission-denied`, `store-failed` */
  write(entry: OpenEntry): void;
  /**
   * Adds progress to an entry. It survives a kill; after a power cut the devices it is about are gone.
   * @throws NodedevError `permission-denied`, `store-failed`
   */
  mark(id: string, what: 'step' | 'undo'): void;
  /** `durably`: waits until it is gone from the disk; else it is when the next entry is written. */
  remove(id: string, options?: { readonly durably: boolean }): void;
}

/** Of a host in memory: nothing survives its process, but undoing is the same. */
export function memoryJournal(): Journal {
  const entries = new Map<string, OpenEntry>();
  return {
    entries: () => [...entries.values()],
    write: (entry) => {
      entries.set(entry.id, entry);
    },
    mark: (id, what) => {
      const entry = entries.get(id);
      if (entry !== undefined) entries.set(id, marked(entry, what));
    },
    remove: (id) => {
      entries.delete(id);
    },
  };
}

/** An entry with this progress more. */
export function marked(entry: OpenEntry, what: 'step' | 'undo'): OpenEntry {
  return what === 'step' ? { ...entry, steps: entry.steps + 1 } : { ...entry, isUndone: true };
}
