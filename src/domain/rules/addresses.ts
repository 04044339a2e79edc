import { ccwAddressText, readZpci } from '../address.ts';
import type { Domain, DomainDevice } from '../domain.ts';
import type { ZpciAddress } from '../hostdev.ts';
import { hex } from '../numbers.ts';
import { NO_BUSES } from '../pci/buses.ts';
import type { Holder, PciProblem } from '../pci/problem.ts';
import { pciTopology } from '../pci/topology.ts';
import { attribute, child, duplicates, type Finding, found, lineOf, type Rule } from './rule.ts';

const FREE_HINT = 'Leave the address out and libvirt finds a free one.';

/** "Attempted double use of PCI Address %s": of another device, or of one that is part of the machine */
const pciDuplicate: Rule = {
  code: 'pci-address-duplicate',
  severity: 'error',
  stage: 'qemu',
  summary:
    'a PCI address of the guest is given to one device only, and to none of those that are part of the machine',
  source:
    'libvirt src/conf/domain_addr.c: virDomainPCIAddressReserveAddrInternal; src/qemu/qemu_domain_address.c: qemuDomainValidateDevicePCISlotsQ35, …PIIX3',
  check: ({ domain }) =>
    pciProblems(domain, 'taken').flatMap(({ device, message, holder }) =>
      found(device.addressElement, message, `${holderText(holder)}. ${FREE_HINT}`),
    ),
};

/**
 * "Invalid PCI address %s. Only PCI domain 0 is available"; "… slot must be >= %zu"; "… slot must be <= %zu"; "The
 * device at PCI address %s cannot be plugged into the PCI controller with index='%d'. …"; "No PCI buses available"
 */
const pciUnusable: Rule = {
  code: 'pci-address-unusable',
  severity: 'error',
  stage: 'qemu',
  summary:
    "a PCI address of the guest is in a slot of one of the guest's buses, and its bus takes such a device",
  source: 'libvirt src/conf/domain_addr.c: virDomainPCIAddressValidate, …BusSetModel, …SetGrow',
  check: ({ domain }) =>
    pciProblems(domain, 'unusable').flatMap(({ device, message }) =>
      found(
        device.addressElement ?? device.element,
        message,
        message === NO_BUSES
          ? `A ${domain.machine ?? ''} machine has no PCI: use machine='q35'.`
          : FREE_HINT,
      ),
    ),
};

/**
 * "Multiple '%s' controllers with index '%d'"; "The PCI controller with index='0' must be model='%s' for this machine
 * type, but model='%s' was found instead"; "PCI controller at index %d (0x%02x) has bus='0x%02x', but index must be
 * larger than bus"; "Primary SATA controller must have PCI address 0:0:1f.2"; …
 */
const pciController: Rule = {
  code: 'pci-controller',
  severity: 'error',
  stage: 'qemu',
  summary: 'each controller has an index of its own, and a place on a bus the machine has',
  source:
    'libvirt src/conf/domain_postparse.c: virDomainDefRejectDuplicateControllers; src/qemu/qemu_domain_address.c: qemuDomainAssignPCIAddresses',
  check: ({ domain }) =>
    pciProblems(domain, 'controller').flatMap(({ device, message }) =>
      found(
        device.element,
        message,
        'Leave out the index and the address, or the whole controller: libvirt adds those that are needed.',
      ),
    ),
};

/** "The CCW devno '%s' is in use already" */
const ccwDuplicate: Rule = {
  code: 'ccw-devno-duplicate',
  severity: 'error',
  stage: 'validate',
  summary: 'a channel subsystem address of the guest is given to one device only',
  source: 'libvirt src/conf/domain_addr.c: virDomainCCWAddressAssign',
  check: ({ domain }) =>
    duplicates(domain.devices, ({ address }) =>
      address?.kind === 'ccw' ? ccwAddressText(address) : undefined,
    ).flatMap(({ item, first }) =>
      found(
        item.addressElement,
        `The CCW devno '${item.address?.kind === 'ccw' ? ccwAddressText(item.address) : ''}' is in use already`,
        `<${first.kind}> has it already (${lineOf(first.element)}). ${FREE_HINT}`,
      ),
    ),
};

/** "zPCI uid %o is already reserved", "zPCI fid %o is already reserved": in octal, indeed. */
const zpciDuplicate: Rule = {
  code: 'zpci-duplicate',
  severity: 'error',
  stage: 'validate',
  summary: 'a zPCI uid or fid is given to one device only',
  source: 'libvirt src/conf/domain_addr.c: virDomainZPCIAddressReserveId',
  check: ({ domain }) =>
    (['uid', 'fid'] as const).flatMap((name) =>
      duplicates(domain.devices, (device) => zpciOf(device)?.[name]).flatMap(({ item, first }) => {
        const value = zpciOf(item)?.[name] ?? 0;
        return found(
          zpciElement(item),
          `zPCI ${name} ${value.toString(8)} is already reserved (octal for ${hex(value, 4)})`,
          `<${first.kind}> has it already (${lineOf(first.element)}). Leave it out and libvirt finds a free one.`,
        );
      }),
    ),
};

/** "Invalid PCI address uid='0x%.4x', must be > 0x0000 and <= 0xffff" */
const zpciUid: Rule = {
  code: 'zpci-uid-range',
  severity: 'error',
  stage: 'qemu',
  summary: 'a zPCI uid is from 1 to 0xffff',
  source: 'libvirt src/qemu/qemu_validate.c: qemuValidateDomainDeviceDefZPCIAddress',
  isPerDevice: true,
  check: ({ domain }) =>
    domain.devices.flatMap((device): readonly Finding[] => {
      const zpci = zpciElement(device);
      const uid = zpciOf(device)?.uid;
      if (zpci === undefined || uid === undefined || (uid > 0 && uid <= 0xffff)) return [];
      return found(
        attribute(zpci, 'uid'),
        `Invalid PCI address uid='${hex(uid, 4)}', must be > 0x0000 and <= 0xffff`,
        'Leave it out and libvirt finds a free one.',
      );
    }),
};

/** "This QEMU binary doesn't support zPCI" */
const zpciArch: Rule = {
  code: 'zpci-arch',
  severity: 'error',
  stage: 'qemu',
  summary: '<zpci> is for s390x guests only',
  source: 'libvirt src/qemu/qemu_validate.c: qemuValidateDomainDeviceDefZPCIAddress',
  check: ({ domain }) =>
    domain.arch === undefined || domain.arch.startsWith('s390')
      ? []
      : domain.devices.flatMap((device) =>
          found(
            zpciElement(device),
            "This QEMU binary doesn't support zPCI",
            `Remove <zpci>: the guest is ${domain.arch ?? ''}.`,
          ),
        ),
};

/** The mistakes that libvirt finds when it assigns the guest's addresses. */
export const addressRules: readonly Rule[] = [
  pciDuplicate,
  pciUnusable,
  pciController,
  ccwDuplicate,
  zpciDuplicate,
  zpciUid,
  zpciArch,
];

function pciProblems(domain: Domain, kind: PciProblem['kind']): readonly PciProblem[] {
  return pciTopology(domain).problems.filter((problem) => problem.kind === kind);
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function holderText(holder: Holder | undefined): string {
  return typeof holder === 'object'
    ? `<${holder.kind}> has it already (${lineOf(holder.element)})`
    : `${capitalized(holder ?? 'another device')} has it already`;
}

function zpciElement(device: DomainDevice) {
  return device.addressElement && child(device.addressElement, 'zpci');
}

function zpciOf(device: DomainDevice): ZpciAddress | undefined {
  return device.addressElement && readZpci(device.addressElement);
}
