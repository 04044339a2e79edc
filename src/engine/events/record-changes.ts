import type { DeviceRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';

/** So many milliseconds after a change by another process, the host's events about it have arrived. */
const SETTLE = 100;

/** Finds active devices that were updated, by their records in the store, because the kernel reports no updates. */
export class RecordChanges {
  readonly #store: Store;
  readonly #listener: (record: DeviceRecord) => void;
  /** The last known records, as text, by uuid. */
  #known: ReadonlyMap<string, string> = new Map();
  /** Uuids of devices removed since the last look at other processes' changes: a device that has one now is a new one. */
  readonly #removed = new Set<string>();

  constructor(store: Store, listener: (record: DeviceRecord) => void) {
    this.#store = store;
    this.#listener = listener;
  }

  /** Reads the current records as the known ones. */
  async begin(): Promise<void> {
    this.#known = new Map((await this.#read()).map((record) => [record.uuid, textOf(record)]));
  }

  /** Follows the store until `signal` is aborted. `failed` is called with unexpected errors. */
  follow(failed: (error: unknown) => void, signal: AbortSignal): void {
    let timer: NodeJS.Timeout | undefined;
    const look = (here: boolean): void => {
      if (!signal.aborted) void this.#look(here, signal).catch(failed);
    };
    const lookLater = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        look(false);
      }, SETTLE);
    };
    this.#store.watch((here) => (here ? look(true) : lookLater()), signal);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }

  /** Notes that a device was removed. */
  removed(uuid: string): void {
    this.#removed.add(uuid);
  }

  /** @param here whether the change is our own: then no device was removed and created again in between */
  async #look(here: boolean, signal: AbortSignal): Promise<void> {
    const records = await this.#read();
    if (signal.aborted) return;
    const known = this.#known;
    this.#known = new Map(records.map((record) => [record.uuid, textOf(record)]));
    for (const record of records) {
      const before = known.get(record.uuid);
      const isOther = before === undefined || (!here && this.#removed.has(record.uuid));
      if (!isOther && before !== textOf(record)) this.#listener(record);
    }
    // Without a record it is another device in any case when it is seen again.
    for (const uuid of this.#removed) {
      if (!here || !this.#known.has(uuid)) this.#removed.delete(uuid);
    }
  }

  #read(): Promise<readonly DeviceRecord[]> {
    return this.#store.read((view) => view.devices());
  }
}

const textOf = (record: DeviceRecord): string => JSON.stringify(record);
