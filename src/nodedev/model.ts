import type { XmlElement } from '../xml/element.ts';

// What the tables of node devices are made for and from; `device.ts` has the whole.

/** A form of documents: {@link formatNodeDevice} describes them. All three are always accepted as input. */
export type Dialect = 'libvirt' | 'thread' | 'extended';

/** A file below /dev: the node itself (`dev`) or a link to it (`link`). */
export interface DevNode {
  readonly kind: 'dev' | 'link';
  readonly path: string;
}

/** A parent by its name (a node device name or a sysfs address) or, for scsi_host, by its world wide names. */
export interface ParentReference {
  readonly name?: string | undefined;
  readonly wwnn?: string | undefined;
  readonly wwpn?: string | undefined;
  readonly fabricWwn?: string | undefined;
}

/**
 * An attribute that this library does not know, such as one of a newer libvirt. It is kept in the object of its element, else
 * in that of the element around it, and printed back in the dialects `thread` and `extended`.
 */
export interface ExtraAttribute {
  readonly name: string;
  readonly value: string;
  /** The child element that has it, when that has no object of its own. */
  readonly element?: string | undefined;
  /** Which of the children of that name; default: the first. */
  readonly index?: number | undefined;
}

/** `<type id='nvidia-11'>`. A dump has more of it than a request. */
export interface MdevType {
  /** Undefined only in a request that gives the type by its attributes. */
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly deviceApi?: string | undefined;
  readonly availableInstances?: number | undefined;
  /** The kernel's `description` as one text; in `extended` output only. */
  readonly description?: string | undefined;
  /** The description item by item: num_heads, frl_config, framebuffer (KiB), hres, vres, or the vendor's own names. */
  readonly attributes: readonly TypeAttribute[];
  readonly extra: readonly XmlElement[];
  readonly extraAttributes?: readonly ExtraAttribute[] | undefined;
}

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** An attribute of a type: its value, or in a request the value or the range (`min`, `max`) that it must have. */
export interface TypeAttribute {
  readonly name: string;
  readonly value?: string | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
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

/** The types a parent can create, inside its pci, css or ap_matrix capability; else at the top level. */
export interface MdevTypesCapability {
  readonly kind: 'mdev_types';
  readonly types: readonly MdevType[];
  readonly extra: readonly XmlElement[];
  readonly extraAttributes?: readonly ExtraAttribute[] | undefined;
}

/** Product and vendor: id as libvirt prints it, `0x` and at least four lower case digits, and the text beside it. */
export interface IdentifiedName {
  readonly id?: string | undefined;
  readonly text?: string | undefined;
}

/** A capability of a type that this library does not know. Its element is printed unchanged. */
export interface OtherCapability {
  readonly kind: 'other';
  readonly type: string;
  readonly element: XmlElement;
}
