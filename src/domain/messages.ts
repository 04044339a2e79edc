import type { HostdevModel } from './hostdev.ts';

/** Sentences used both for building a hostdev and for checking a domain. They are libvirt's or QEMU's where these have one. */

/** libvirt src/qemu/qemu_validate.c: qemuValidateDomainMdevDefVFIOPCI, …VFIOAP. */
export function bootUnsupported(model: HostdevModel): string {
  return `booting from assigned devices is not supported by mediated devices of model ${model}`;
}

/** libvirt src/qemu/qemu_validate.c has this sentence, but never reaches it; QEMU then refuses the property. */
export function displayUnsupported(attribute: 'display' | 'ramfb'): string {
  return `<hostdev> attribute '${attribute}' is only supported with model='vfio-pci'`;
}

/** QEMU hw/vfio/pci.c: vfio_realize. */
export const RAMFB_NEEDS_DISPLAY = 'ramfb=on requires display=on';

/** libvirt src/conf/domain_postparse.c: virDomainHostdevDefPostParse. */
export function addressTypeUnsupported(type: string, model: HostdevModel): string {
  return `Unsupported address type '${type}' with mediated device model '${model}'`;
}

/** libvirt src/conf/domain_conf.c: virDomainDeviceBootParseXML. */
export const BOOT_ORDER_ZERO =
  "Invalid value for attribute 'order' in element 'boot': Zero is not permitted";

/** The form of an alias that a user can give. (libvirt src/conf/domain_conf.c: virDomainDeviceAliasIsUserAlias) */
export const USER_ALIAS = /^ua-[A-Za-z0-9_-]+$/;

/** The alias libvirt itself gives a host device; the XML of a running domain shows it. */
export const GENERATED_ALIAS = /^hostdev\d+$/;
