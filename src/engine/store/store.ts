import type { ActiveSnapshot, ActiveView } from './active-records.ts';
import {
  activeSnapshot,
  activeView,
  addDevice,
  deleteDevice,
  forgetOtherBoots,
  noteRecovery,
  restoreActive,
  setActiveOwner,
  setLent,
} from './active-records.ts';
import { type ChangedEntry, watchFolder } from '../events/folder-watch.ts';
import { Listeners } from '../events/listeners.ts';
import { type Changes, changing, type KvWriter, type Part, type PreparedChanges } from './kv.ts';
import { NodedevError } from '../../errors.ts';
import { throwIfAborted } from '../aborted.ts';
import { connectionClosed, readOnly } from '../wording/messages.ts';
import type { PersistentView } from './persistent-records.ts';
import {
  deleteDefinition,
  persistentView,
  putDefinition,
  setPersistentOwner,
} from './persistent-records.ts';
import type {
  ActiveEntry,
  Claimant,
  DefinitionRecord,
  DeviceRecord,
  PersistentEntry,
  RecoveryRecord,
} from './records.ts';
import { isSettledIn, settleIn } from './settled.ts';
import type { DomainRef } from '../../policy/domain-ref.ts';

/** The file of the active state below a root. Like the devices, it ends with the boot. */
export const ACTIVE_FILE = { folder: ['run', 'virt-nodedev'], name: 'active.json' } as const;
export type StoreView = ActiveView & PersistentView;

export interface StoreChange extends StoreView {
  /**
   * Makes the device the last member of its group. The group is created with its first member. An earlier record of the uuid
   * is replaced; in the same group it keeps its position.
   */
  addDevice(record: DeviceRecord): void;
  /** Removes a device. Its group is removed with the last member. Unknown uuids are ignored. */
  deleteDevice(uuid: string): void;
  putDefinition(record: DefinitionRecord): void;
  deleteDefinition(ref: { readonly parent: string; readonly uuid: string }): void;
  /** Sets the owner of a group, of its active members and its definitions; undefined: no owner. */
  setOwner(group: string, owner: Claimant | undefined): void;
  /** The records of these groups and devices as they are now. */
  activeSnapshot(groups: readonly string[], uuids: readonly string[]): ActiveSnapshot;
  /** Puts back what {@link activeSnapshot} returned; nothing else may have changed since. */
  restoreActive(before: ActiveSnapshot): void;
  /** Lends a group with active members to a domain while it runs; undefined: ends the loan. */
  lend(group: string, domain: DomainRef | undefined): void;
  noteRecovery(recovery: Omit<RecoveryRecord, 'kind'>): void;
  /** Sets the owner of the active members only. */
  setActiveOwner(group: string, owner: Claimant | undefined): void;
  /**
   * Notes that the operation of this journal entry is complete. This takes effect when the change is written. It is noted in the
   * part that is written last; when the operation ends with the boot and nothing of definitions changes, only the part about
   * active devices is written.
   */
  settle(id: string, endsWithBoot: boolean): void;
  /** Whether the operation of this journal entry is complete. */
  isSettled(id: string): boolean;
  /** Whether a record has another value than before. */
  isOther(): boolean;
  /**
   * Writes the change now instead of when it returns: first the part about active devices, then the other, which says which
   * operation is complete.
   * @throws NodedevError `permission-denied`, `store-failed`: nothing was written; {@link HalfKept}
   */
  keep(): void;
}

/** A change that could neither be written completely nor be undone. The next recovery decides about it. */
export class HalfKept extends NodedevError {}

/** Takes the lock of a host, unless one of `ends` is aborted before. Returns the function that releases it. */
export type TakeLock = (ends: readonly AbortSignal[]) => Promise<() => void>;

/**
 * Our own records about a host's devices: groups, owners, aliases. The part about active devices belongs to one boot of the
 * host and ends with it; the part about definitions stays. All processes make one change at a time.
 */
export class Store {
  readonly #active: Part<ActiveEntry>;
  readonly #persistent: Part<PersistentEntry>;
  readonly #bootId: () => string;
  readonly #root: string | undefined;
  readonly #lock: TakeLock;
  readonly #readOnly: boolean;
  readonly #changes = new Listeners<void>();
  readonly #closing = new AbortController();
  /** Settles when the last requested change has ended. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(sources: {
    readonly active: Part<ActiveEntry>;
    readonly persistent: Part<PersistentEntry>;
    readonly bootId: () => string;
    /** The root below which the store is, also for other processes; undefined for one in memory. */
    readonly root?: string | undefined;
    /** Excludes other processes; undefined: there are none. */
    readonly lock?: TakeLock | undefined;
    /** Refuses every change. */
    readonly readOnly?: boolean | undefined;
  }) {
    this.#active = sources.active;
    this.#persistent = sources.persistent;
    this.#bootId = sources.bootId;
    this.#root = sources.root;
    this.#lock = sources.lock ?? (() => Promise.resolve(() => undefined));
    this.#readOnly = sources.readOnly ?? false;
  }

  /** @throws NodedevError `read-only` */
  requireWritable(): void {
    if (this.#readOnly) throw readOnly();
  }

  /** Never waits for a writer. @throws NodedevError `connection-closed`, `store-failed` */
  async read<T>(look: (view: StoreView) => T): Promise<T> {
    return this.#look(look, false);
  }

  /**
   * As {@link read}, for who concludes something from a record that is not there: nothing is hidden.
   *
   * @throws NodedevError also `permission-denied`: this user may not read a part
   */
  async readAll<T>(look: (view: StoreView) => T): Promise<T> {
    return this.#look(look, true);
  }

  async #look<T>(look: (view: StoreView) => T, all: boolean): Promise<T> {
    await Promise.resolve(); // so that `close` right after this call comes first
    throwIfAborted(this.#closing.signal);
    return look({
      ...activeView(this.#active.read(all), this.#bootId()),
      ...persistentView(this.#persistent.read(all)),
    });
  }

  /**
   * Makes one change. It is written when `change` returns, and dropped when it throws. It waits, without blocking, for the
   * earlier changes of this connection, then for other processes.
   *
   * @param signal ends waiting
   * @throws NodedevError `read-only`, `connection-closed`, `aborted`, `lock-timeout`, `permission-denied`, `store-failed`
   */
  async write<T>(
    change: (change: StoreChange) => T | Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    this.requireWritable();
    const before = this.#last;
    const own = this.#inTurn(before, change, signal);
    // Without its value, which would hold the values of all changes before.
    this.#last = Promise.allSettled([before, own]).then(() => undefined);
    return own;
  }

  async #inTurn<T>(
    before: Promise<unknown>,
    change: (change: StoreChange) => T | Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    await before;
    const ends = [this.#closing.signal, ...(signal === undefined ? [] : [signal])];
    for (const end of ends) throwIfAborted(end);
    const unlock = await this.#lock(ends);
    try {
      for (const end of ends) throwIfAborted(end);
      const storeChange = this.#newChange();
      const result = await change(storeChange);
      storeChange.keep();
      return result;
    } finally {
      unlock();
    }
  }

  /**
   * Calls `listener` when records of active devices may have changed, until `signal` is aborted: at once for changes of this
   * connection (`here`), and a little later for those of other processes.
   */
  watch(listener: (here: boolean) => void, signal: AbortSignal): void {
    this.#changes.add(() => listener(true), signal);
    if (this.#root === undefined) return;
    const changed = (entry: ChangedEntry | undefined): void => {
      if (entry === undefined || entry.file === ACTIVE_FILE.name) listener(false);
    };
    watchFolder(this.#root, ACTIVE_FILE.folder, false, changed, signal);
  }

  /** Files of parts that this user must not read, and that therefore appear empty. */
  hiddenFiles(): readonly string[] {
    return [this.#active, this.#persistent].flatMap((part) => part.hiddenFile() ?? []);
  }

  /** Ends the store. Calls that have not begun are rejected; a running change is completed first. */
  async close(): Promise<void> {
    this.#closing.abort(connectionClosed());
    await this.#last;
  }

  #newChange(): StoreChange {
    const active = changing(this.#active.read(true));
    const persistent = changing(this.#persistent.read(true));
    let isKept = false;
    const keep = (): void => {
      if (isKept) return;
      isKept = true;
      keepAll([
        ...prepared(this.#active, active.changes),
        ...prepared(this.#persistent, persistent.changes),
      ]);
      this.#changes.tell();
    };
    const settle = (id: string, endsWithBoot: boolean): void => {
      if (endsWithBoot && persistent.changes.size === 0) settleIn(active.writer, id);
      else settleIn(persistent.writer, id);
    };
    return {
      ...changeOf(active.writer, persistent.writer, this.#bootId()),
      settle,
      isOther: () => active.isOther() || persistent.isOther(),
      isSettled: (id) => [active.writer, persistent.writer].some((part) => isSettledIn(part, id)),
      keep,
    };
  }
}

/** Writes all parts, or none. */
function keepAll(parts: Iterable<() => PreparedChanges>): void {
  const ready: PreparedChanges[] = [];
  try {
    for (const prepare of parts) ready.push(prepare());
    for (const { keep } of ready) keep();
  } catch (error) {
    try {
      for (const { undo } of ready.toReversed()) undo();
    } catch (cause) {
      throw halfKept(error, cause);
    }
    throw error;
  }
}

/** The preparation of a part's changes; none when it stays as it is. */
function prepared<V>(part: Part<V>, changes: Changes<V>): (() => PreparedChanges)[] {
  return changes.size === 0 ? [] : [() => part.prepare(changes)];
}

function halfKept(error: unknown, cause: unknown): HalfKept {
  const [first, second] = [error, cause].map((each) =>
    each instanceof Error ? each.message : String(each),
  );
  return new HalfKept('store-failed', `${first}; nor could it be taken back: ${second}`, {
    hint: 'the next change, or recover, finishes or undoes what was done',
    cause,
  });
}

function changeOf(
  active: KvWriter<ActiveEntry>,
  persistent: KvWriter<PersistentEntry>,
  bootId: string,
): Omit<StoreChange, 'settle' | 'isSettled' | 'isOther' | 'keep'> {
  forgetOtherBoots(active, bootId);
  const persistentPart = persistentView(persistent);
  return {
    ...activeView(active, bootId),
    ...persistentPart,
    addDevice: (record) => {
      addDevice(active, record, persistentPart.persistentOwner(record.group));
    },
    deleteDevice: (uuid) => {
      deleteDevice(active, uuid);
    },
    putDefinition: (record) => {
      putDefinition(persistent, record);
    },
    deleteDefinition: (ref) => {
      deleteDefinition(persistent, ref);
    },
    setOwner: (group, owner) => {
      setActiveOwner(active, group, owner);
      if (persistentPart.definitionsOf(group).length > 0) {
        setPersistentOwner(persistent, group, owner);
      }
    },
    activeSnapshot: (groups, uuids) => activeSnapshot(active, groups, uuids),
    restoreActive: (before) => {
      restoreActive(active, before);
    },
    noteRecovery: (recovery) => {
      noteRecovery(active, recovery);
    },
    lend: (group, domain) => {
      setLent(active, group, domain);
    },
    setActiveOwner: (group, owner) => {
      setActiveOwner(active, group, owner);
    },
  };
}
