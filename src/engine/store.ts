import type { NamedValue } from '../nodedev/device.ts';
import type { KvSource } from './disk-kv.ts';
import type { KvReader, KvWriter } from './kv.ts';
import type { DomainRef } from './types.ts';

/** What we know of an active device and the kernel does not hold. */
export interface DeviceRecord {
  readonly kind: 'device';
  readonly uuid: string;
  /** sysfs name of the parent. */
  readonly parent: string;
  readonly type: string;
  /** Name of its group. */
  readonly group: string;
  readonly alias?: string | undefined;
  /** As written at creation, in order. */
  readonly attributes: readonly NamedValue[];
  readonly params?: string | undefined;
}

export interface GroupRecord {
  readonly kind: 'group';
  readonly name: string;
  readonly number: number;
  readonly owner?: DomainRef | undefined;
  /** Uuids, in the order they joined. Never empty. */
  readonly members: readonly string[];
}

/** Which numbers of groups are free. */
interface NumbersRecord {
  readonly kind: 'numbers';
  /** The lowest number never given. */
  readonly next: number;
  /** Given back, lowest first. */
  readonly free: readonly number[];
}

interface BootRecord {
  readonly kind: 'boot';
  /** The boot all other entries belong to. */
  readonly bootId: string;
}

export type StoreEntry = DeviceRecord | GroupRecord | NumbersRecord | BootRecord;

export interface StoreView {
  device(uuid: string): DeviceRecord | undefined;
  devices(): readonly DeviceRecord[];
  group(name: string): GroupRecord | undefined;
  groups(): readonly GroupRecord[];
}

export interface StoreChange extends StoreView {
  /** Records a device and makes it the last member of its group, which comes into being with its first member. */
  addDevice(record: DeviceRecord): void;
  /** Forgets a device; its group disappears with its last member. Unknown uuids change nothing. */
  deleteDevice(uuid: string): void;
  /** The group must exist; undefined: nobody owns it. */
  setOwner(group: string, owner: DomainRef | undefined): void;
}

/**
 * The state of active devices that only we keep: groups, owners, aliases. It belongs to one boot of the host: what
 * another boot left behind is not seen, and gone with the next write, like the devices themselves.
 */
export class ActiveStore {
  readonly #source: KvSource<StoreEntry>;
  readonly #bootId: () => string;

  constructor(source: KvSource<StoreEntry>, bootId: () => string) {
    this.#source = source;
    this.#bootId = bootId;
  }

  /** Never waits for a writer. */
  async read<T>(look: (view: StoreView) => T): Promise<T> {
    const kv = await this.#source.forReading();
    return kv.read((reader) => look(isCurrent(reader, this.#bootId()) ? viewOf(reader) : NOTHING));
  }

  /** One process at a time; kept when `change` returns, gone when it throws. */
  async write<T>(change: (change: StoreChange) => T): Promise<T> {
    const kv = await this.#source.forWriting();
    return kv.write((writer) => {
      const bootId = this.#bootId();
      if (!isCurrent(writer, bootId)) {
        for (const [key] of [...writer.range(DEVICE), ...writer.range(GROUP)]) writer.delete(key);
        writer.delete(NUMBERS);
        writer.put(BOOT, { kind: 'boot', bootId });
      }
      return change(changeOf(writer));
    });
  }

  /** The file of a store this user may not read, which therefore reads as empty. */
  hiddenFile(): string | undefined {
    return this.#source.hiddenFile();
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}

// --- internal ---

const BOOT = 'boot';
const DEVICE = 'device/';
const GROUP = 'group/';
const NUMBERS = 'numbers';

const NOTHING: StoreView = {
  device: () => undefined,
  devices: () => [],
  group: () => undefined,
  groups: () => [],
};

function isCurrent(reader: KvReader<StoreEntry>, bootId: string): boolean {
  const mark = reader.get(BOOT);
  return mark?.kind === 'boot' && mark.bootId === bootId;
}

function viewOf(reader: KvReader<StoreEntry>): StoreView {
  const deviceOf = (entry: StoreEntry | undefined): DeviceRecord | undefined =>
    entry?.kind === 'device' ? entry : undefined;
  const groupOf = (entry: StoreEntry | undefined): GroupRecord | undefined =>
    entry?.kind === 'group' ? entry : undefined;
  return {
    device: (uuid) => deviceOf(reader.get(DEVICE + uuid)),
    devices: () => [...reader.range(DEVICE)].flatMap(([, entry]) => deviceOf(entry) ?? []),
    group: (name) => groupOf(reader.get(GROUP + name)),
    groups: () => [...reader.range(GROUP)].flatMap(([, entry]) => groupOf(entry) ?? []),
  };
}

function changeOf(writer: KvWriter<StoreEntry>): StoreChange {
  const view = viewOf(writer);
  const putGroup = (record: GroupRecord): void => {
    writer.put(GROUP + record.name, record);
  };
  return {
    ...view,
    addDevice: (record) => {
      const group = view.group(record.group);
      putGroup(
        group === undefined
          ? {
              kind: 'group',
              name: record.group,
              number: takeNumber(writer),
              members: [record.uuid],
            }
          : {
              ...group,
              members: [...group.members.filter((uuid) => uuid !== record.uuid), record.uuid],
            },
      );
      writer.put(DEVICE + record.uuid, record);
    },
    deleteDevice: (uuid) => {
      const name = view.device(uuid)?.group;
      if (name === undefined) return;
      writer.delete(DEVICE + uuid);
      const group = view.group(name);
      if (group === undefined) return;
      const members = group.members.filter((member) => member !== uuid);
      if (members.length > 0) {
        putGroup({ ...group, members });
      } else {
        writer.delete(GROUP + name);
        giveNumber(writer, group.number);
      }
    },
    setOwner: (name, owner) => {
      const group = view.group(name);
      if (group !== undefined) putGroup({ ...group, owner });
    },
  };
}

function numbersOf(reader: KvReader<StoreEntry>): Omit<NumbersRecord, 'kind'> {
  const entry = reader.get(NUMBERS);
  return entry?.kind === 'numbers' ? entry : { next: 1, free: [] };
}

function takeNumber(writer: KvWriter<StoreEntry>): number {
  const { next, free } = numbersOf(writer);
  const [lowest, ...rest] = free;
  writer.put(
    NUMBERS,
    lowest === undefined
      ? { kind: 'numbers', next: next + 1, free }
      : { kind: 'numbers', next, free: rest },
  );
  return lowest ?? next;
}

function giveNumber(writer: KvWriter<StoreEntry>, number: number): void {
  const { next, free } = numbersOf(writer);
  writer.put(NUMBERS, {
    kind: 'numbers',
    next,
    free: [...free, number].toSorted((a, b) => a - b),
  });
}
