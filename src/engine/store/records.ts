import type { NamedValue } from '../../nodedev/device.ts';
import type { DomainRef } from '../../domain/domain-ref.ts';

// What only we keep of devices, because neither the kernel nor mdevctl's files can hold it.

/** Of an active device. Gone at the next boot, like the device. */
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
  /** When we created it, milliseconds since the epoch; undefined for what others made and we took over. */
  readonly created?: number | undefined;
  /** Started for the domain that its group is lent to: it ends with the domain's run. */
  readonly untilStop?: true | undefined;
}

/** Of a group with active members. */
export interface GroupRecord {
  readonly kind: 'group';
  readonly name: string;
  readonly number: number;
  /** The domain it was claimed for. */
  readonly owner?: DomainRef | undefined;
  /** The domain that has it while it runs; stands back behind an owner. */
  readonly lentTo?: DomainRef | undefined;
  /** Uuids, in the order they joined. Never empty. */
  readonly members: readonly string[];
}

/** Which numbers of groups are free. */
export interface NumbersRecord {
  readonly kind: 'numbers';
  /** All from here on are free as well. */
  readonly next: number;
  /** Given back, lowest first; all below `next - 1`. */
  readonly free: readonly number[];
}

export interface BootRecord {
  readonly kind: 'boot';
  /** The boot all other entries belong to. */
  readonly bootId: string;
}

/** What is kept below `run/`. */
export type ActiveEntry = DeviceRecord | GroupRecord | NumbersRecord | BootRecord;

/** Of a definition, beside mdevctl's file of it. */
export interface DefinitionRecord {
  readonly kind: 'definition';
  readonly parent: string;
  readonly uuid: string;
  readonly group: string;
  readonly alias?: string | undefined;
}

/** The domain a group with definitions was claimed for. */
export interface OwnerRecord {
  readonly kind: 'owner';
  readonly group: string;
  readonly owner: DomainRef;
}

/** The last operation of the journal that is complete. */
export interface SettledRecord {
  readonly kind: 'settled';
  /** Of its journal entry. */
  readonly id: string;
}

/** What is kept below `var/lib/`. */
export type PersistentEntry = DefinitionRecord | OwnerRecord | SettledRecord;
