import type { XmlElement } from '../xml/element.ts';
import type { TypeOf } from './table.ts';
import type * as other from './tables/other.ts';
import type * as pciTables from './tables/pci.ts';
import type * as s390 from './tables/s390.ts';
import type * as scsiTables from './tables/scsi.ts';

/** How a document is written; see {@link formatNodeDevice}. Input accepts all three, always. */
export type Dialect = 'libvirt' | 'thread' | 'extended';

/** A node device as libvirt's XML describes it. Absent is undefined; nothing is coerced or made up. */
export interface NodeDevice {
  readonly name?: string | undefined;
  /** Absolute sysfs path; only active devices have one. */
  readonly path?: string | undefined;
  readonly devnodes: readonly DevNode[];
  readonly parent?: ParentReference | undefined;
  /** Kernel driver the device is bound to. */
  readonly driver?: string | undefined;
  /** In document order; a device created from XML has at least one. */
  readonly capabilities: readonly Capability[];
  /** Child elements of `<device>` no dialect knows, kept as they were. */
  readonly extra: readonly XmlElement[];
}

/** A file below /dev: the node itself (`dev`) or a link to it (`link`). */
export interface DevNode {
  readonly kind: 'dev' | 'link';
  readonly path: string;
}

/** By name (a node device name or a sysfs address) or, for scsi_host, by world wide names. */
export interface ParentReference {
  readonly name?: string | undefined;
  readonly wwnn?: string | undefined;
  readonly wwpn?: string | undefined;
  readonly fabricWwn?: string | undefined;
}

/** `<type id='nvidia-11'>` with what a dump says of it. */
export interface MdevType {
  readonly id: string;
  readonly name?: string | undefined;
  readonly deviceApi?: string | undefined;
  readonly availableInstances?: number | undefined;
  /** The kernel's `description` as one text; in `extended` output only. */
  readonly description?: string | undefined;
  /** The description item by item: num_heads, frl_config, framebuffer (KiB), hres, vres, or the vendor's own names. */
  readonly attributes: readonly NamedValue[];
  readonly extra: readonly XmlElement[];
}

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** A mediated device: `<capability type='mdev'>`. */
export interface MdevCapability {
  readonly kind: 'mdev';
  /** One; several only in the thread's request for as many devices in one group. Never empty. */
  readonly types: readonly MdevType[];
  /** Lower case, hyphenated. */
  readonly uuid?: string | undefined;
  /** The parent's sysfs name: `0000:86:00.0`, `0.0.0052`, `matrix`. */
  readonly parentAddress?: string | undefined;
  readonly group?: string | undefined;
  readonly iommuGroup?: IommuGroup | undefined;
  /** sysfs attributes to write after creation, in order; names may repeat (vfio_ap's assign_adapter). */
  readonly attributes: readonly NamedValue[];
  /** The thread's `<params>`: passed to the vendor driver as written. */
  readonly params?: string | undefined;
  /** The device a vfio-pci guest sees (thread dialect): `<capability type='pci'>` inside. */
  readonly guestPci?: PciCapability | undefined;
  readonly extra: readonly XmlElement[];
}

export interface IommuGroup {
  readonly number: number;
  readonly addresses: readonly PciAddress[];
}

export interface PciAddress {
  readonly domain: number;
  readonly bus: number;
  readonly slot: number;
  readonly function: number;
}

/** The types a parent can create, inside its pci, css or ap_matrix capability (top level for mtty). */
export interface MdevTypesCapability {
  readonly kind: 'mdev_types';
  readonly types: readonly MdevType[];
  readonly extra: readonly XmlElement[];
}

/** Product and vendor: id as written (`0x13f2`) and the text beside it. */
export interface IdentifiedName {
  readonly id?: string | undefined;
  readonly text?: string | undefined;
}

export interface PciCapability {
  readonly kind: 'pci';
  /** As written: `0x030000`. */
  readonly class?: string | undefined;
  readonly domain?: number | undefined;
  readonly bus?: number | undefined;
  readonly slot?: number | undefined;
  readonly function?: number | undefined;
  readonly product?: IdentifiedName | undefined;
  readonly vendor?: IdentifiedName | undefined;
  readonly capabilities: readonly Capability[];
  readonly iommuGroup?: IommuGroup | undefined;
  readonly numaNode?: number | undefined;
  readonly pciExpress?: PciExpress | undefined;
  readonly extra: readonly XmlElement[];
}

/** A capability whose type this library gives no meaning to: its element tree, printed back unchanged. */
export interface OtherCapability {
  readonly kind: 'other';
  readonly type: string;
  readonly element: XmlElement;
}

// The rest of libvirt's grammar, as its tables describe it.
export type PciExpress = TypeOf<typeof pciTables.pciExpress>;
export type PhysFunctionCapability = TypeOf<typeof pciTables.physFunction>;
export type VirtFunctionsCapability = TypeOf<typeof pciTables.virtFunctions>;
export type PciBridgeCapability = TypeOf<typeof pciTables.pciBridge>;
export type CardbusBridgeCapability = TypeOf<typeof pciTables.cardbusBridge>;
export type VpdCapability = TypeOf<typeof pciTables.vpd>;
export interface CcwCapability extends TypeOf<typeof s390.ccw> {}
export type CcwGroupMemberCapability = TypeOf<typeof s390.ccwGroupMember>;
export interface CssCapability extends TypeOf<typeof s390.css> {}
export interface CcwGroupCapability extends TypeOf<typeof s390.ccwGroup> {}
export type QethCapability = TypeOf<
  typeof s390.qethGeneric | typeof s390.qethLayer2 | typeof s390.qethLayer3
>;
export type ApCardCapability = TypeOf<typeof s390.apCard>;
export type ApQueueCapability = TypeOf<typeof s390.apQueue>;
export interface ApMatrixCapability extends TypeOf<typeof s390.apMatrix> {}
export interface ScsiHostCapability extends TypeOf<typeof scsiTables.scsiHost> {}
export type FcHostCapability = TypeOf<typeof scsiTables.fcHost>;
export type VportOpsCapability = TypeOf<typeof scsiTables.vportOps>;
export interface ScsiTargetCapability extends TypeOf<typeof scsiTables.scsiTarget> {}
export type FcRemotePortCapability = TypeOf<typeof scsiTables.fcRemotePort>;
export type ScsiCapability = TypeOf<typeof scsiTables.scsi>;
export type ScsiGenericCapability = TypeOf<typeof scsiTables.scsiGeneric>;
export interface StorageCapability extends TypeOf<typeof scsiTables.storage> {}
export type RemovableCapability = TypeOf<typeof scsiTables.removable>;
export type HotpluggableCapability = TypeOf<typeof scsiTables.hotpluggable>;
export type SystemCapability = TypeOf<typeof other.system>;
export type UsbDeviceCapability = TypeOf<typeof other.usbDevice>;
export type UsbCapability = TypeOf<typeof other.usb>;
export interface NetCapability extends TypeOf<typeof other.net> {}
export type EthernetCapability = TypeOf<typeof other.ethernet>;
export type WirelessCapability = TypeOf<typeof other.wireless>;
export type DrmCapability = TypeOf<typeof other.drm>;
export type VdpaCapability = TypeOf<typeof other.vdpa>;

export type Capability =
  | MdevCapability
  | MdevTypesCapability
  | PciCapability
  | OtherCapability
  | PhysFunctionCapability
  | VirtFunctionsCapability
  | PciBridgeCapability
  | CardbusBridgeCapability
  | VpdCapability
  | CcwCapability
  | CcwGroupMemberCapability
  | CssCapability
  | CcwGroupCapability
  | QethCapability
  | ApCardCapability
  | ApQueueCapability
  | ApMatrixCapability
  | ScsiHostCapability
  | FcHostCapability
  | VportOpsCapability
  | ScsiTargetCapability
  | FcRemotePortCapability
  | ScsiCapability
  | ScsiGenericCapability
  | StorageCapability
  | RemovableCapability
  | HotpluggableCapability
  | SystemCapability
  | UsbDeviceCapability
  | UsbCapability
  | NetCapability
  | EthernetCapability
  | WirelessCapability
  | DrmCapability
  | VdpaCapability;
