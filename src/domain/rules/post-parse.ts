import type { XmlAttribute } from '../../xml/element.ts';
import type { DomainDevice, DomainHostdev } from '../domain.ts';
import { hostdevModel } from '../hostdev-xml.ts';
import * as messages from '../messages.ts';
import { ADDRESS_TYPES, BOOTABLE } from './parse-device.ts';
import {
  attribute,
  child,
  duplicates,
  found,
  lineOf,
  mediatedHostdevs,
  type Rule,
} from './rule.ts';

/** "Unsupported address type '%s' with mediated device model '%s'". The address of a vfio-ap device is not checked. */
const addressType: Rule = {
  code: 'mdev-address-type',
  severity: 'error',
  stage: 'post-parse',
  summary: 'a vfio-pci device has a PCI address in the guest, a vfio-ccw device a ccw address',
  source: 'libvirt src/conf/domain_postparse.c: virDomainHostdevDefPostParse',
  isPerDevice: true,
  check: ({ domain }) =>
    mediatedHostdevs(domain).flatMap((hostdev) => {
      const model = hostdevModel(hostdev.model);
      const type = addressTypeOf(hostdev);
      if (model === undefined || model === 'vfio-ap' || type === undefined) return [];
      const wanted = model === 'vfio-pci' ? 'pci' : 'ccw';
      return type.value === wanted
        ? []
        : found(
            type,
            messages.addressTypeUnsupported(type.value, model),
            `Write a ${wanted} address, or leave it out and libvirt finds one.`,
          );
    }),
};

/** "boot order '%s' used for more than one device" */
const bootOrderDuplicate: Rule = {
  code: 'boot-order-duplicate',
  severity: 'error',
  stage: 'post-parse',
  summary: 'a boot order is given to one device only',
  source: 'libvirt src/conf/domain_postparse.c: virDomainDefCollectBootOrder',
  check: ({ domain }) =>
    duplicates(domain.devices.filter(isBootable), ({ bootOrder }) => bootOrder).flatMap(
      ({ item, first }) =>
        found(
          child(item.element, 'boot'),
          `boot order '${item.bootOrder ?? ''}' used for more than one device`,
          `<${first.kind}> has it already (${lineOf(first.element)}).`,
        ),
    ),
};

/** "per-device boot elements cannot be used together with os/boot elements" */
const bootOrderWithOsBoot: Rule = {
  code: 'boot-order-with-os-boot',
  severity: 'error',
  stage: 'post-parse',
  summary: 'boot orders of devices exclude <boot dev> in <os>',
  source: 'libvirt src/conf/domain_postparse.c: virDomainDefBootOrderPostParse',
  check: ({ domain }) => {
    const [osBoot] = domain.osBoot;
    if (osBoot === undefined) return [];
    return domain.devices
      .filter(isBootable)
      .flatMap(({ element }) =>
        found(
          child(element, 'boot'),
          'per-device boot elements cannot be used together with os/boot elements',
          `Remove this one, or <boot> in <os> (${lineOf(osBoot)}).`,
        ),
      );
  },
};

/**
 * The type of the guest address of a host device that is not mediated: "PCI host devices must use
 * 'pci' or 'unassigned' address type", "SCSI host device must use 'drive' address type", "SCSI_host host device
 * must use 'pci' or 'ccw' address type", "USB host device must use 'usb' address type".
 */
const hostdevAddressType: Rule = {
  code: 'hostdev-address-type',
  severity: 'error',
  stage: 'validate',
  summary: "the guest address of a host device is of its type's kind",
  source: 'libvirt src/conf/domain_validate.c: virDomainHostdevDefValidate',
  isPerDevice: true,
  check: ({ domain }) =>
    domain.hostdevs.flatMap((hostdev) => {
      const wanted = wantedAddress(hostdev);
      const type = addressTypeOf(hostdev);
      if (wanted === undefined || type === undefined) return [];
      return wanted.types.includes(type.value)
        ? []
        : found(type, wanted.message, 'Leave the address out and libvirt finds one.');
    }),
};

/** The mistakes that libvirt finds while it completes a domain, and wrong types of guest addresses. */
export const postParseRules: readonly Rule[] = [
  addressType,
  bootOrderDuplicate,
  bootOrderWithOsBoot,
  hostdevAddressType,
];

/** The type of the guest address. Undefined for `none`, and for unknown types, which the parse rules report. */
function addressTypeOf({ addressElement }: DomainHostdev): XmlAttribute | undefined {
  const type = addressElement && attribute(addressElement, 'type');
  return type !== undefined && type.value !== 'none' && ADDRESS_TYPES.includes(type.value)
    ? type
    : undefined;
}

function isBootable(device: DomainDevice): boolean {
  return BOOTABLE.has(device.kind) && (device.bootOrder ?? 0) > 0;
}

function wantedAddress({
  mode,
  type,
}: DomainHostdev): { readonly types: readonly string[]; readonly message: string } | undefined {
  if (mode !== 'subsystem') return undefined;
  switch (type) {
    case 'pci':
      return {
        types: ['pci', 'unassigned'],
        message: "PCI host devices must use 'pci' or 'unassigned' address type",
      };
    case 'scsi':
      return { types: ['drive'], message: "SCSI host device must use 'drive' address type" };
    case 'scsi_host':
      return {
        types: ['pci', 'ccw'],
        message: "SCSI_host host device must use 'pci' or 'ccw' address type",
      };
    case 'usb':
      return { types: ['usb'], message: "USB host device must use 'usb' address type" };
    case undefined:
    default:
      return undefined;
  }
}
