import type { ActiveView } from './active-records.ts';
import {
  activeView,
  addDevice,
  deleteDevice,
  forgetOtherBoots,
  setActiveOwner,
  setLent,
} from './active-records.ts';
import { type ChangedEntry, watchFolder } from '../events/folder-watch.ts';
import { Listeners } from '../events/listeners.ts';
import { type Changes, changing, type KvWriter, type Part, type PreparedChanges } from './kv.ts';
import { NodedevError } from '../../errors.ts';
import { throwIfAborted } from '../aborted.ts';
import { connectionClosed } from '../wording/messages.ts';
import type { PersistentView } from './persistent-records.ts';
import {
  deleteDefinition,
  persistentView,
  putDefinition,
  setPersistentOwner,
  settle,
} from './persistent-records.ts';
import type { ActiveEntry, DefinitionRecord, DeviceRecord, PersistentEntry } from './records.ts';
import type { DomainRef } from '../../domain/domain-ref.ts';

/** Where active state is kept below a root: it goes with the boot, as the devices do. */
export const ACTIVE_FILE = { folder: ['run', 'virt-nodedev'], name: 'active.json' } as const;
export type StoreView = ActiveView & PersistentView;

export interface StoreChange extends StoreView {
  /**
   * Makes the device the last member of its group, which comes into being with its first member. What was recorded of
   * the uuid before is replaced; in the same group it keeps its place.
   */
  addDevice(record: DeviceRecord): void;
  /** Its group disappears with its last member. Unknown uuids change nothing. */
  deleteDevice(uuid: string): void;
  putDefinition(record: DefinitionRecord): void;
  deleteDefinition(ref: { readonly parent: string; readonly uuid: string }): void;
  /** Of a group with active members, with definitions, or both; undefined: nobody owns it. */
  setOwner(group: string, owner: DomainRef | undefined): void;
  /** Of a group with active members: the domain that has it while it runs; undefined: takes it back. */
  lend(group: string, domain: DomainRef | undefined): void;
  /** Only of its active members. */
  setActiveOwner(group: string, owner: DomainRef | undefined): void;
  /** Says that the operation of this journal entry is complete: true once this change is kept. */
  settle(id: string): void;
  /**
   * Keeps all this now instead of when the change returns: the part about active devices first, then the other, which
   * says what is settled.
   * @throws NodedevError `permission-denied`, `store-failed`: nothing was kept; {@link HalfKept}
   */
  keep(): void;
}

/** A change that could neither be kept nor be taken back: the next recovery decides what becomes of it. */
export class HalfKept extends NodedevError {}

/** Takes the lock of a host, unless one of `ends` is aborted before, and resolves to what gives it back. */
export type TakeLock = (ends: readonly AbortSignal[]) => Promise<() => void>;

/**
 * What only we know of a host's devices: groups, owners, aliases. The part about active devices belongs to one boot
 * of the host and goes with it; the part about definitions stays. One change at a time, of all processes.
 */
export class Store {
  readonly #active: Part<ActiveEntry>;
  readonly #persistent: Part<PersistentEntry>;
  readonly #bootId: () => string;
  readonly #root: string | undefined;
  readonly #lock: TakeLock;
  readonly #changes = new Listeners<void>();
  readonly #closing = new AbortController();
  /** Settles when the change that was asked for last is over. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(sources: {
    readonly active: Part<ActiveEntry>;
    readonly persistent: Part<PersistentEntry>;
    readonly bootId: () => string;
    /** Below which other processes keep the same store; undefined for one in memory. */
    readonly root?: string | undefined;
    /** Keeps other processes away; undefined: there are none. */
    readonly lock?: TakeLock | undefined;
  }) {
    this.#active = sources.active;
    this.#persistent = sources.persistent;
    this.#bootId = sources.bootId;
    this.#root = sources.root;
    this.#lock = sources.lock ?? (() => Promise.resolve(() => undefined));
  }

  /** Never waits for a writer. @throws NodedevError `connection-closed`, `store-failed` */
  async read<T>(look: (view: StoreView) => T): Promise<T> {
    await Promise.resolve(); // a call that `close` follows at once looks at nothing
    throwIfAborted(this.#closing.signal);
    return look({
      ...activeView(this.#active.read(false), this.#bootId()),
      ...persistentView(this.#persistent.read(false)),
    });
  }

  /**
   * One at a time; kept when `change` is done, gone when it throws. Waits without blocking for its turn among the
   * changes of this connection, then for other processes.
   *
   * @param signal ends waiting
   * @throws NodedevError `connection-closed`, `aborted`, `lock-timeout`, `permission-denied`, `store-failed`
   */
  async write<T>(
    change: (change: StoreChange) => T | Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const before = this.#last;
    const own = this.#inTurn(before, change, signal);
    this.#last = Promise.allSettled([before, own]);
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
   * Tells that what is kept of active devices may have changed: `here`, by this connection, at once; else by another
   * process, some time after. Until `signal` is aborted.
   */
  watch(listener: (here: boolean) => void, signal: AbortSignal): void {
    this.#changes.add(() => listener(true), signal);
    if (this.#root === undefined) return;
    const changed = (entry: ChangedEntry | undefined): void => {
      if (entry === undefined || entry.file === ACTIVE_FILE.name) listener(false);
    };
    watchFolder(this.#root, ACTIVE_FILE.folder, false, changed, signal);
  }

  /** Files of stores this user may not read, which therefore read as empty. */
  hiddenFiles(): readonly string[] {
    return [this.#active, this.#persistent].flatMap((part) => part.hiddenFile() ?? []);
  }

  /** What has not looked or written yet does not any more; what writes is done first. */
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
    return changeOf(active.writer, persistent.writer, this.#bootId(), keep);
  }
}

/** All parts, or none. */
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

/** Nothing for a part that stays as it is. */
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
  keep: () => void,
): StoreChange {
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
    lend: (group, domain) => {
      setLent(active, group, domain);
    },
    setActiveOwner: (group, owner) => {
      setActiveOwner(active, group, owner);
    },
    settle: (id) => {
      settle(persistent, id);
    },
    keep,
  };
}
