import type { XmlElement } from '../xml/element.ts';
import type {
  ExtraAttribute,
  DevNode,
  IdentifiedName,
  IommuGroup,
  MdevType,
  MdevTypesCapability,
  NamedValue,
  OtherCapability,
  ParentReference,
  PciAddress,
} from './model.ts';
import type { TypeOf } from './table.ts';
import type * as other from './tables/other.ts';
import type * as pciTables from './tables/pci-parts.ts';
import type * as s390 from './tables/s390.ts';
import type * as scsiTables from './tables/scsi.ts';
import type * as vgpuTables from './tables/vgpu.ts';

export type * from './model.ts';

/** A node device as libvirt's XML describes it. What is absent in the XML is undefined here. */
export interface NodeDevice {
  readonly name?: string | undefined;
  /** Absolute sysfs path; only active devices have one. */
  readonly path?: string | undefined;
  readonly devnodes: readonly DevNode[];
  readonly parent?: ParentReference | undefined;
  /** Of a desired state of many hosts: where it is to be. */
  readonly host?: DeviceHost | undefined;
  /** Kernel driver the device is bound to. */
  readonly driver?: string | undefined;
  /** In document order; a device created from XML has at least one. */
  readonly capabilities: readonly Capability[];
  /** Child elements of `<device>` that no dialect knows, unchanged. */
  readonly extra: readonly XmlElement[];
  readonly extraAttributes?: readonly ExtraAttribute[] | undefined;
}

/** The host that a device is to be on: the one of this name, one with all these labels, or both. */
export interface DeviceHost {
  readonly name?: string | undefined;
  readonly labels: readonly string[];
}

/** A mediated device: `<capability type='mdev'>`. */
export interface MdevCapability {
  readonly kind: 'mdev';
  /** At least one. Several only in a request of the thread dialect for as many devices in one group. */
  readonly types: readonly MdevType[];
  /** Lower case, hyphenated. */
  readonly uuid?: string | undefined;
  /** The parent's sysfs name: `0000:86:00.0`, `0.0.0052`, `matrix`. */
  readonly parentAddress?: string | undefined;
  /** Of a device that is no mediated one but an SR-IOV function with a type: its address, by which a VM gets it. */
  readonly function?: PciAddress | undefined;
  /** Another name of the device, by which it is found: in `extended` output. A request may also have it as `<name>`. */
  readonly alias?: string | undefined;
  readonly group?: string | undefined;
  /** The number of an active device's group, from 1; in `extended` output only, and no part of a request. */
  readonly groupNumber?: number | undefined;
  readonly iommuGroup?: IommuGroup | undefined;
  /** sysfs attributes to write after creation, in order; names may repeat (`assign_adapter`). */
  readonly attributes: readonly NamedValue[];
  /** The thread dialect's `<params>`: it is passed to the vendor driver unchanged. */
  readonly params?: string | undefined;
  /** The device a vfio-pci guest sees (thread dialect): `<capability type='pci'>` inside. */
  readonly guestPci?: PciCapability | undefined;
  readonly extra: readonly XmlElement[];
  readonly extraAttributes?: readonly ExtraAttribute[] | undefined;
}

export interface PciCapability {
  readonly kind: 'pci';
  /** As libvirt prints it: `0x` and six lower case digits, `0x030000`. */
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
  readonly extraAttributes?: readonly ExtraAttribute[] | undefined;
}

// The other capabilities of libvirt. Their types follow from the tables; those with capabilities inside are interfaces.

/** What a PCI Express link is able to do (`capability`), and its current state (`status`). */
export type PciExpress = TypeOf<typeof pciTables.pciExpress>;

/** The SR-IOV physical function of a virtual one. */
export type PhysFunctionCapability = TypeOf<typeof pciTables.physFunction>;

/** The SR-IOV virtual functions of a physical one, and how many there can be. */
export type VirtFunctionsCapability = TypeOf<typeof pciTables.virtFunctions>;

/** A PCI bridge, by its header type. */
export type PciBridgeCapability = TypeOf<typeof pciTables.pciBridge>;

/** A CardBus bridge, by its header type. */
export type CardbusBridgeCapability = TypeOf<typeof pciTables.cardbusBridge>;

/** Vital product data of a PCI device. */
export type VpdCapability = TypeOf<typeof pciTables.vpd>;

/** A device on an s390 channel. */
export interface CcwCapability extends TypeOf<typeof s390.ccw> {}

/** The group a ccw device is in. */
export type CcwGroupMemberCapability = TypeOf<typeof s390.ccwGroupMember>;

/** An s390 subchannel: parent of `vfio-ccw` devices. */
export interface CssCapability extends TypeOf<typeof s390.css> {}

/** s390 ccw devices that work as one. */
export interface CcwGroupCapability extends TypeOf<typeof s390.ccwGroup> {}

/** What kind of network card a ccw group is. */
export type QethCapability = TypeOf<
  typeof s390.qethGeneric | typeof s390.qethLayer2 | typeof s390.qethLayer3
>;

/** An s390 crypto card. */
export type ApCardCapability = TypeOf<typeof s390.apCard>;

/** One domain of an s390 crypto card. */
export type ApQueueCapability = TypeOf<typeof s390.apQueue>;

/** The s390 crypto matrix: parent of `vfio-ap` devices. */
export interface ApMatrixCapability extends TypeOf<typeof s390.apMatrix> {}

/** A SCSI host adapter. */
export interface ScsiHostCapability extends TypeOf<typeof scsiTables.scsiHost> {}

/** The fibre channel names of a SCSI host. */
export type FcHostCapability = TypeOf<typeof scsiTables.fcHost>;

/** How many virtual ports a SCSI host has and can have. */
export type VportOpsCapability = TypeOf<typeof scsiTables.vportOps>;

/** A SCSI target. */
export interface ScsiTargetCapability extends TypeOf<typeof scsiTables.scsiTarget> {}

/** The fibre channel port of a SCSI target. */
export type FcRemotePortCapability = TypeOf<typeof scsiTables.fcRemotePort>;

/** A SCSI device. */
export type ScsiCapability = TypeOf<typeof scsiTables.scsi>;

/** The generic character device of a SCSI device. */
export type ScsiGenericCapability = TypeOf<typeof scsiTables.scsiGeneric>;

/** A block device; sizes are in bytes. */
export interface StorageCapability extends TypeOf<typeof scsiTables.storage> {}

/** The medium of removable storage; sizes are in bytes. */
export type RemovableCapability = TypeOf<typeof scsiTables.removable>;

/** Storage that can be plugged in and out. */
export type HotpluggableCapability = TypeOf<typeof scsiTables.hotpluggable>;

/** The host itself: `computer`. */
export type SystemCapability = TypeOf<typeof other.system>;

/** A USB device. */
export type UsbDeviceCapability = TypeOf<typeof other.usbDevice>;

/** An interface of a USB device. */
export type UsbCapability = TypeOf<typeof other.usb>;

/** A network interface. */
export interface NetCapability extends TypeOf<typeof other.net> {}

/** A network interface of IEEE 802.3. */
export type EthernetCapability = TypeOf<typeof other.ethernet>;

/** A network interface of IEEE 802.11. */
export type WirelessCapability = TypeOf<typeof other.wireless>;

/** A device node of a graphics card. */
export type DrmCapability = TypeOf<typeof other.drm>;

/** A vDPA device. */
export type VdpaCapability = TypeOf<typeof other.vdpa>;

/** How a GPU is to be set up before it has vGPUs: virtual functions, mode, GPU instances. Of desired states only. */
export type VgpuCapability = TypeOf<typeof vgpuTables.vgpu>;

/** Everything a `<capability>` can be. */
export type Capability =
  | MdevCapability
  | MdevTypesCapability
  | PciCapability
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
  | VdpaCapability
  | VgpuCapability
  | OtherCapability;
