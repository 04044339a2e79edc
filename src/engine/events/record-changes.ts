import type { DeviceRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';

/** How long after another process's change the host's own events of it have surely come, in milliseconds. */
const SETTLE = 100;

/** Tells which active devices were updated, by what the store keeps of them: the kernel says nothing of it. */
export class RecordChanges {
  readonly #store: Store;
  readonly #listener: (record: DeviceRecord) => void;
  /** By uuid. */
  #known: ReadonlyMap<string, string> = new Map();
  /** Uuids whose device has gone since another process's changes were looked at: one that is there is another one. */
  readonly #removed = new Set<string>();

  constructor(store: Store, listener: (record: DeviceRecord) => void) {
    this.#store = store;
    this.#listener = listener;
  }

  /** Takes what there is for known. */
  async begin(): Promise<void> {
    this.#known = new Map((await this.#read()).map((record) => [record.uuid, textOf(record)]));
  }

  /** Until `signal` is aborted; `failed` gets what nobody foresaw. */
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

  /** A device has gone. */
  removed(uuid: string): void {
    this.#removed.add(uuid);
  }

  /** Changes made here are looked at one by one, so no device has come back in between. */
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
    if (!here) this.#removed.clear();
  }

  #read(): Promise<readonly DeviceRecord[]> {
    return this.#store.read((view) => view.devices());
  }
}

const textOf = (record: DeviceRecord): string => JSON.stringify(record);
