import type { SetupState, SetupStep } from '../../drivers/card-setup.ts';
import type { ActiveSnapshot } from '../store/active-records.ts';
import type { Claimant, DeviceRecord } from '../store/records.ts';

/** The device of an intent. A device of this uuid with another parent or type is a different one. */
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
  /** The kernel took it, and it was never seen: it may still appear. */
  readonly mayAppear?: true | undefined;
}

/** A device that is to be removed. */
export interface DestroyIntent extends IntentDevice {
  readonly do: 'destroy';
  /** Its record, for creating it again; undefined for a device that another program made. */
  readonly record?: DeviceRecord | undefined;
}

/** A definition that is to be written. */
export interface DefineIntent extends IntentDevice {
  readonly do: 'define';
  /** The file's fingerprint: a file with another one was written by another program. */
  readonly content: string;
}

/** A definition that is to be removed. */
export interface UndefineIntent extends Omit<IntentDevice, 'type'> {
  readonly do: 'undefine';
  /** The file's fingerprint. */
  readonly content: string;
  /** The file's text, for writing it again; undefined if it cannot be read. */
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
  /** The current values in sysfs; without a value: it cannot be read. */
  readonly values: readonly { readonly name: string; readonly value?: string | undefined }[];
  /** The current settings in our record; undefined for a device that another program made. */
  readonly settings?: DeviceSettings | undefined;
}

/** The part of a device's record that an update changes. */
export type DeviceSettings = Pick<DeviceRecord, 'attributes' | 'params' | 'alias'>;

/** A group whose owner is to be changed. */
export interface OwnerIntent {
  readonly do: 'claim' | 'release';
  readonly group: string;
  /** The current owner of its active members; undefined: none. The owner of its definitions changes with `settled`. */
  readonly owner?: Claimant | undefined;
}

/** Devices that are to be moved to another group. Their definitions move with `settled`. */
export interface RegroupIntent {
  readonly do: 'regroup';
  /** The group they move to. */
  readonly group: string;
  /** What stood about the active ones. */
  readonly before: ActiveSnapshot;
}

/** A card that is to be set up otherwise. */
export interface SetupIntent {
  readonly do: 'set-up';
  /** sysfs name of its physical function. */
  readonly card: string;
  readonly step: SetupStep;
  /** How it was before, in the first intent of an operation for this card. */
  readonly before?: SetupState | undefined;
}

/** One part of an operation, with everything needed to undo or to finish it. */
export type Intent =
  | CreateIntent
  | DestroyIntent
  | DefineIntent
  | UndefineIntent
  | RedefinitionIntent
  | SettingsIntent
  | OwnerIntent
  | RegroupIntent
  | SetupIntent;

/** One operation with all its intents. */
export interface JournalEntry {
  /** Unique. The store's `settled` says whether the operation is complete. */
  readonly id: string;
  /** The boot of the devices. In another boot they are gone, and only definitions have to be recovered. */
  readonly boot: string;
  /** In the order in which they are carried out. Each create, destroy, define and undefine is one step. */
  readonly intents: readonly Intent[];
  /** True: recovery creates destroyed devices and removed definitions again, instead of finishing the removal. */
  readonly undoesAll?: true | undefined;
  /**
   * Recovery had to leave these intents as they are: the reason for each. Such an entry stops no change, and is tried again
   * only by an explicit recovery.
   */
  readonly left?: readonly string[] | undefined;
}

/** An entry with the progress of its operation. */
export interface OpenEntry extends JournalEntry {
  /** The number of steps that were begun. All but the last are done. */
  readonly steps: number;
  /** Whether an undo was begun. Then it is not known which steps are still done. */
  readonly isUndone: boolean;
}

/**
 * The intents of operations, on disk, so that they survive a kill and a power failure: the kernel releases the lock of a
 * killed process, but keeps its devices. An entry is written before the first step. The operation is complete when the
 * store on disk says so; then the entry is removed. Only the holder of the lock writes entries.
 */
export interface Journal {
  /** All entries, of complete and incomplete operations. @throws NodedevError `permission-denied`, `store-failed` */
  entries(): readonly OpenEntry[];
  /** Writes or replaces an entry. It is on disk when this returns. @throws NodedevError `permission-denied`, `store-failed` */
  write(entry: OpenEntry): void;
  /**
   * Adds progress to an entry. It survives a kill. It need not survive a power failure, after which the devices are gone.
   * @throws NodedevError `permission-denied`, `store-failed`
   */
  mark(id: string, what: 'step' | 'undo'): void;
  /** Removes an entry. With `durably` it is gone from the disk on return, else when the next entry is written. */
  remove(id: string, options?: { readonly durably: boolean }): void;
}

/** The journal of a host in memory. It ends with the process, but undoing works in the same way. */
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

/** An entry with one more step or undo. */
export function marked(entry: OpenEntry, what: 'step' | 'undo'): OpenEntry {
  return what === 'step' ? { ...entry, steps: entry.steps + 1 } : { ...entry, isUndone: true };
}
