import type { Card } from '../drivers/driver.ts';
import type { TypeFacts } from '../drivers/type-facts.ts';
import type { HostType } from '../host/host.ts';
import type { NamedValue } from '../nodedev/device.ts';

export interface TypeInfo {
  /** Node device name of the parent. */
  readonly parent: string;
  readonly id: string;
  readonly name?: string | undefined;
  readonly deviceApi: string;
  readonly availableInstances: number;
  /** Active devices of this type on this parent. */
  readonly used: number;
  /** The description item by item (num_heads, framebuffer in KiB, …). */
  readonly attributes: readonly NamedValue[];
  /** The same for all vendors, memory in bytes. */
  readonly facts: TypeFacts;
  /**
   * Where each fact is from, by its name in `facts`: `kernel`, the description there; `table`, the vendor's documentation in this
   * package; `name`, the type's name, so that a number may be too large; else the name of a file of the host (`vgpuConfig.xml`).
   */
  readonly sources: Readonly<Record<string, string>>;
  /** Whether its card takes several devices of one VM in one group only. */
  readonly requiresGroup: boolean;
  /** The device number behind the parent, if that is a subchannel: `0.0.3000`. */
  readonly channelDevice?: string | undefined;
}

export interface TypeFilter {
  /** Node device name or sysfs address of the parent. */
  readonly parent?: string | undefined;
  /** Criteria, all of which must hold: `framebuffer>=2G`, `heads=4`, `series=Q`, `free>0`. */
  readonly where?: string | readonly string[] | undefined;
  /** A field to sort by, largest first for numbers: `free`, `framebuffer`, `name`. By parent and id without. */
  readonly sort?: string | undefined;
}

/** A snapshot of one physical card, for prediction and placement. */
export interface CardInfo {
  /** The card in the form for its driver's rules. */
  readonly card: Card;
  /** Its parents: one, or the SR-IOV virtual functions of one GPU. */
  readonly parents: readonly CardParent[];
}

export interface CardParent {
  /** Node device name. */
  readonly name: string;
  /** sysfs name. */
  readonly address: string;
  readonly numaNode?: number | undefined;
  /** sysfs name of the physical function, for an SR-IOV virtual function. */
  readonly physicalFunction?: string | undefined;
  /** The PCI product's name, where the database of PCI ids knows it: `Tesla M60`. */
  readonly product?: string | undefined;
  /** The device number behind a subchannel: `0.0.3000`. */
  readonly channelDevice?: string | undefined;
  /** Its types, with the counts that the kernel shows now. */
  readonly types: readonly HostType[];
}
