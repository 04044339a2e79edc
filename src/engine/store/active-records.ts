import type { KvReader, KvWriter } from './kv.ts';
import { SETTLED } from './settled.ts';
import type {
  ActiveEntry,
  Claimant,
  DeviceRecord,
  GroupRecord,
  NumbersRecord,
  RecoveryRecord,
} from './records.ts';
import type { DomainRef } from '../../policy/domain-ref.ts';

const BOOT = 'boot';
const DEVICE = 'device/';
const GROUP = 'group/';
const NUMBERS = 'numbers';
const RECOVERY = 'recovery';

/** The key of a record. */
export function activeKeys(entry: ActiveEntry): readonly [string] {
  switch (entry.kind) {
    case 'device':
      return [DEVICE + entry.uuid];
    case 'group':
      return [GROUP + entry.name];
    case 'numbers':
      return [NUMBERS];
    case 'boot':
      return [BOOT];
    case 'recovery':
      return [RECOVERY];
    case 'settled':
      return [SETTLED];
  }
}

/** Records as they stood before a change: of groups and devices, and of the numbers. */
export interface ActiveSnapshot {
  /** Without a record: there was no such group. */
  readonly groups: readonly { readonly name: string; readonly record?: GroupRecord | undefined }[];
  /** Without a record: the device had none. */
  readonly devices: readonly {
    readonly uuid: string;
    readonly record?: DeviceRecord | undefined;
  }[];
  readonly numbers: NumbersRecord;
}

export function activeSnapshot(
  reader: KvReader<ActiveEntry>,
  groups: readonly string[],
  uuids: readonly string[],
): ActiveSnapshot {
  const view = viewOf(reader);
  return {
    groups: groups.map((name) => ({ name, record: view.activeGroup(name) })),
    devices: uuids.map((uuid) => ({ uuid, record: view.device(uuid) })),
    numbers: numbersOf(reader),
  };
}

/** Puts all of a snapshot back. Nothing else may have changed since. */
export function restoreActive(writer: KvWriter<ActiveEntry>, before: ActiveSnapshot): void {
  const put = (key: string, record: ActiveEntry | undefined): void => {
    if (record === undefined) writer.delete(key);
    else writer.put(key, record);
  };
  for (const { name, record } of before.groups) put(GROUP + name, record);
  for (const { uuid, record } of before.devices) put(DEVICE + uuid, record);
  put(NUMBERS, before.numbers);
}

export interface ActiveView {
  device(uuid: string): DeviceRecord | undefined;
  devices(): readonly DeviceRecord[];
  activeGroup(name: string): GroupRecord | undefined;
  activeGroups(): readonly GroupRecord[];
  lastRecovery(): RecoveryRecord | undefined;
}

/** The records of this boot's devices, without those of other boots. */
export function activeView(reader: KvReader<ActiveEntry>, bootId: string): ActiveView {
  return isOf(reader, bootId) ? viewOf(reader) : NOTHING;
}

/**
 * Adds a device's record, and makes the device the last member of its group. The group is created with its first member. A
 * device that is already in this group keeps its position.
 */
export function addDevice(
  writer: KvWriter<ActiveEntry>,
  record: DeviceRecord,
  owner: Claimant | undefined,
): void {
  const { uuid, group: name } = record;
  const view = viewOf(writer);
  if (view.device(uuid)?.group !== name) deleteDevice(writer, uuid);
  const group = view.activeGroup(name);
  if (group === undefined) {
    const number = takeNumber(writer);
    writer.put(GROUP + name, { kind: 'group', name, number, owner, members: [uuid] });
  } else if (!group.members.includes(uuid)) {
    writer.put(GROUP + name, { ...group, members: [...group.members, uuid] });
  }
  writer.put(DEVICE + uuid, record);
}

/** Removes a device's record. The group is removed with its last member. */
export function deleteDevice(writer: KvWriter<ActiveEntry>, uuid: string): void {
  const view = viewOf(writer);
  const group = view.activeGroup(view.device(uuid)?.group ?? '');
  writer.delete(DEVICE + uuid);
  if (group === undefined) return;
  const members = group.members.filter((member) => member !== uuid);
  if (members.length > 0) {
    writer.put(GROUP + group.name, { ...group, members });
  } else {
    writer.delete(GROUP + group.name);
    giveNumber(writer, group.number);
  }
}

export function setActiveOwner(
  writer: KvWriter<ActiveEntry>,
  name: string,
  owner: Claimant | undefined,
): void {
  const group = viewOf(writer).activeGroup(name);
  if (group !== undefined) writer.put(GROUP + name, { ...group, owner });
}

/** Lends a group to a domain until it stops; undefined: ends the loan. */
export function setLent(
  writer: KvWriter<ActiveEntry>,
  name: string,
  domain: DomainRef | undefined,
): void {
  const group = viewOf(writer).activeGroup(name);
  if (group !== undefined) writer.put(GROUP + name, { ...group, lentTo: domain });
}

/** Notes when interrupted operations were recovered, instead of what was noted before. */
export function noteRecovery(
  writer: KvWriter<ActiveEntry>,
  recovery: Omit<RecoveryRecord, 'kind'>,
): void {
  writer.put(RECOVERY, { kind: 'recovery', ...recovery });
}

/** Removes the records of other boots, whose devices are gone. */
export function forgetOtherBoots(writer: KvWriter<ActiveEntry>, bootId: string): void {
  if (isOf(writer, bootId)) return;
  for (const [key] of [...writer.range(DEVICE), ...writer.range(GROUP)]) writer.delete(key);
  writer.delete(NUMBERS);
  writer.delete(RECOVERY);
  writer.put(BOOT, { kind: 'boot', bootId });
}

const NOTHING: ActiveView = {
  device: () => undefined,
  devices: () => [],
  activeGroup: () => undefined,
  activeGroups: () => [],
  lastRecovery: () => undefined,
};

function isOf(reader: KvReader<ActiveEntry>, bootId: string): boolean {
  const mark = reader.get(BOOT);
  return mark?.kind === 'boot' && mark.bootId === bootId;
}

function viewOf(reader: KvReader<ActiveEntry>): ActiveView {
  const deviceOf = (entry: ActiveEntry | undefined): DeviceRecord | undefined =>
    entry?.kind === 'device' ? entry : undefined;
  const groupOf = (entry: ActiveEntry | undefined): GroupRecord | undefined =>
    entry?.kind === 'group' ? entry : undefined;
  return {
    device: (uuid) => deviceOf(reader.get(DEVICE + uuid)),
    devices: () => [...reader.range(DEVICE)].flatMap(([, entry]) => deviceOf(entry) ?? []),
    activeGroup: (name) => groupOf(reader.get(GROUP + name)),
    activeGroups: () => [...reader.range(GROUP)].flatMap(([, entry]) => groupOf(entry) ?? []),
    lastRecovery: () => {
      const entry = reader.get(RECOVERY);
      return entry?.kind === 'recovery' ? entry : undefined;
    },
  };
}

function numbersOf(reader: KvReader<ActiveEntry>): NumbersRecord {
  const entry = reader.get(NUMBERS);
  return entry?.kind === 'numbers' ? entry : { kind: 'numbers', next: 1, free: [] };
}

/** The lowest free number, so that numbers stay small. */
function takeNumber(writer: KvWriter<ActiveEntry>): number {
  const { next, free } = numbersOf(writer);
  const [lowest] = free;
  writer.put(
    NUMBERS,
    lowest === undefined
      ? { kind: 'numbers', next: next + 1, free }
      : { kind: 'numbers', next, free: free.slice(1) },
  );
  return lowest ?? next;
}

function giveNumber(writer: KvWriter<ActiveEntry>, number: number): void {
  const numbers = numbersOf(writer);
  const free = [...numbers.free];
  free.splice(placeIn(free, number), 0, number);
  let { next } = numbers;
  for (; free.at(-1) === next - 1; next -= 1) free.pop();
  writer.put(NUMBERS, { kind: 'numbers', next, free });
}

/** The index of a number in a sorted list. */
function placeIn(sorted: readonly number[], number: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? number) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
