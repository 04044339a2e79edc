import type { ActiveView } from './active-records.ts';
import {
  activeView,
  addDevice,
  deleteDevice,
  forgetOtherBoots,
  setActiveOwner,
  setLent,
} from './active-records.ts';
import type { KvSource } from './disk-kv.ts';
import { type ChangedEntry, watchFolder } from '../events/folder-watch.ts';
import { Listeners } from '../events/listeners.ts';
import { buffering, type KvWriter, remembering, restore } from './kv.ts';
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
import type { DomainRef } from '../types.ts';

/** Where active state is kept below a root: it goes with the boot, as the devices do. */
export const ACTIVE_FILE = { folder: ['run', 'virt-nodedev'], name: 'active.mdb' } as const;
/** What entries about active devices were before; undefined: they were not there. */
export type ActiveValues = ReadonlyMap<string, ActiveEntry | undefined>;

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
  /** What this change has replaced so far of the part about active devices. */
  replaced(): ActiveValues;
  /** Puts back what another change replaced. */
  restore(values: ActiveValues): void;
}

/**
 * What only we know of a host's devices: groups, owners, aliases. The part about active devices belongs to one boot
 * of the host and goes with it; the part about definitions stays.
 */
export class Store {
  readonly #active: KvSource<ActiveEntry>;
  readonly #persistent: KvSource<PersistentEntry>;
  readonly #bootId: () => string;
  readonly #root: string | undefined;
  readonly #changes = new Listeners<void>();
  #isClosed = false;

  constructor(sources: {
    readonly active: KvSource<ActiveEntry>;
    readonly persistent: KvSource<PersistentEntry>;
    readonly bootId: () => string;
    /** Below which other processes keep the same store; undefined for one in memory. */
    readonly root?: string | undefined;
  }) {
    this.#active = sources.active;
    this.#persistent = sources.persistent;
    this.#bootId = sources.bootId;
    this.#root = sources.root;
  }

  /** Never waits for a writer. @throws NodedevError `connection-closed`, `store-failed` */
  async read<T>(look: (view: StoreView) => T): Promise<T> {
    this.#requireOpen();
    const active = await this.#active.forReading();
    const persistent = await this.#persistent.forReading();
    this.#requireOpen();
    return active.read((activeReader) =>
      persistent.read((persistentReader) =>
        look({
          ...activeView(activeReader, this.#bootId()),
          ...persistentView(persistentReader),
        }),
      ),
    );
  }

  /**
   * One process at a time; kept when `change` returns, gone when it throws. The part about definitions, which says
   * what is settled, is kept last: when that fails or the process dies between, `replaced` and `restore`, or recovery,
   * put the other part right.
   *
   * @throws NodedevError `connection-closed`, `permission-denied`, `store-failed`
   */
  async write<T>(change: (change: StoreChange) => T): Promise<T> {
    this.#requireOpen();
    const active = await this.#active.forWriting();
    const persistent = await this.#persistent.forWriting();
    this.#requireOpen();
    const result = persistent.write((persistentWriter) =>
      active.write((activeWriter) => {
        const storeChange = changeOf(activeWriter, persistentWriter, this.#bootId());
        const done = change(storeChange);
        storeChange.replaced(); // writes what is still kept back
        return done;
      }),
    );
    this.#changes.tell();
    return result;
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
    return [this.#active.hiddenFile() ?? [], this.#persistent.hiddenFile() ?? []].flat();
  }

  /** What has not looked or written yet does not any more; what writes is done first. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#active.close();
    await this.#persistent.close();
  }

  #requireOpen(): void {
    if (this.#isClosed) throw connectionClosed();
  }
}

function changeOf(
  activeWriter: KvWriter<ActiveEntry>,
  persistent: KvWriter<PersistentEntry>,
  bootId: string,
): StoreChange {
  const { writer: plain, before } = remembering(activeWriter);
  const { writer: active, flush } = buffering(plain);
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
    replaced: () => {
      flush();
      return before;
    },
    restore: (values) => {
      restore(active, values);
    },
  };
}
