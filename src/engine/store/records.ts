import type { NamedValue } from '../../nodedev/device.ts';
import type { DomainRef } from '../../policy/domain-ref.ts';

// Records about devices. They have what neither the kernel nor mdevctl's files can store.

/** The record of an active device. It ends with the boot, like the device. */
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
  /** When we created it, in milliseconds since the machine was started; undefined for an adopted device. */
  readonly created?: number | undefined;
  /** A plan created it, for a desired state. */
  readonly planned?: true | undefined;
  /** It was started for the domain that its group is lent to, and is stopped with the domain. */
  readonly untilStop?: true | undefined;
}

/** A domain that a group was claimed for. */
export interface Claimant extends DomainRef {
  /** A plan claimed it, for a desired state: another plan of it may take it back. */
  readonly planned?: true | undefined;
  /**
   * Until when the claim holds by itself, in milliseconds since the machine was started: `gc` ends it then, if no device was opened.
   * Undefined: until it is released.
   */
  readonly expires?: number | undefined;
}

/** The record of a group with active members. */
export interface GroupRecord {
  readonly kind: 'group';
  readonly name: string;
  readonly number: number;
  /** The domain it was claimed for. */
  readonly owner?: Claimant | undefined;
  /** The domain that it is lent to while the domain runs. An owner comes before it. */
  readonly lentTo?: DomainRef | undefined;
  /** Uuids, in the order in which they were added. Never empty. */
  readonly members: readonly string[];
}

/** The free numbers of groups. */
export interface NumbersRecord {
  readonly kind: 'numbers';
  /** This number and all larger ones are free. */
  readonly next: number;
  /** Numbers that were released, lowest first; all are less than `next - 1`. */
  readonly free: readonly number[];
}

export interface BootRecord {
  readonly kind: 'boot';
  /** The boot of all other entries. */
  readonly bootId: string;
}

/** When interrupted operations were last recovered in this boot. */
export interface RecoveryRecord {
  readonly kind: 'recovery';
  /** Milliseconds since 1970, by the wall clock: it is only shown. */
  readonly time: number;
  /** How many operations that recovery ended. */
  readonly operations: number;
}

/** The records below `run/`. */
export type ActiveEntry =
  | DeviceRecord
  | GroupRecord
  | NumbersRecord
  | BootRecord
  | RecoveryRecord
  | SettledRecord;

/** The record of a definition, beside mdevctl's file. */
export interface DefinitionRecord {
  readonly kind: 'definition';
  readonly parent: string;
  readonly uuid: string;
  readonly group: string;
  readonly alias?: string | undefined;
  /** A plan defined it, for a desired state. */
  readonly planned?: true | undefined;
  /** What its guests saw of its type when it was defined (`guestFacts`). */
  readonly facts?: Readonly<Record<string, string>> | undefined;
}

/** The domain a group with definitions was claimed for. */
export interface OwnerRecord {
  readonly kind: 'owner';
  readonly group: string;
  readonly owner: Claimant;
}

/** The last operation of the journal that is complete by the writing of this part. */
export interface SettledRecord {
  readonly kind: 'settled';
  /** The id of its journal entry. */
  readonly id: string;
}

/** The records below `var/lib/`. */
export type PersistentEntry = DefinitionRecord | OwnerRecord | SettledRecord;
