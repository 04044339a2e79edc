/**
 * The public API for documents: it reads, writes and checks node devices, domains and profiles of simulated hosts, and
 * inserts devices into domains. These are pure functions of text and data.
 */
// Errors and findings.
export type * from './codes.ts';
export type { Fix, Issue, Location, Severity } from './errors.ts';
export { NodedevError } from './errors.ts';

// Node devices.
export type * from './nodedev/device.ts';
export type { FormatNodeDeviceOptions } from './nodedev/format.ts';
export { formatNodeDevice } from './nodedev/format.ts';
export type { MdevName } from './nodedev/names.ts';
export { mdevName, parseMdevName } from './nodedev/names.ts';
export type { ParseNodeDeviceOptions } from './nodedev/parse.ts';
export { parseNodeDevice, parseNodeDevices } from './nodedev/parse.ts';
export type { XmlAttribute, XmlElement, XmlNode } from './xml/element.ts';

// Domains and their host devices.
export type { Domain, DomainDevice, DomainHostdev } from './domain/domain.ts';
export type {
  GuestAddress,
  GuestCcwAddress,
  GuestPciAddress,
  Hostdev,
  HostdevModel,
  HostdevSettings,
  PciHostdev,
  ZpciAddress,
} from './domain/hostdev.ts';
export type { HostdevOptions } from './domain/hostdev-for.ts';
export { hostdevFor } from './domain/hostdev-for.ts';
export type { FormatHostdevOptions } from './domain/format-hostdev.ts';
export { formatHostdev } from './domain/format-hostdev.ts';
export type { EditOptions } from './domain/edit-options.ts';
export type { InsertOptions } from './domain/insert-hostdev.ts';
export { insertHostdev, removeHostdev } from './domain/insert-hostdev.ts';
export { replaceHostdev } from './domain/replace-hostdev.ts';
export type { QemuProperties } from './domain/qemu-property.ts';
export type { ParseDomainOptions } from './domain/parse-domain.ts';
export { parseDomain, parseHostdevs } from './domain/parse-domain.ts';
export type { QemuOptions } from './domain/qemu-arguments.ts';
export { qemuDeviceArguments } from './domain/qemu-arguments.ts';

// Validation.
export type {
  ActiveDevice,
  DefinedDevice,
  GroupPicture,
  HostPicture,
  NamingDomain,
} from './policy/picture.ts';
export type { ValidateDocumentOptions, ValidateOptions } from './engine/validate/document.ts';
export { validateDocument, validateNodeDevice } from './engine/validate/document.ts';
export type { ValidationRule } from './engine/validate/rules.ts';
export { validationRules } from './engine/validate/rules.ts';
