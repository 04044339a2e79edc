import { attributeOf } from '../../xml/element.ts';
import { ccwAddressText, pciAddressText, readZpci } from '../address.ts';
import { pciRangeProblem } from '../address-range.ts';
import type { Domain, DomainDevice } from '../domain.ts';
import type { GuestPciAddress, ZpciAddress } from '../hostdev.ts';
import { hex } from '../numbers.ts';
import { attribute, child, duplicates, type Finding, found, lineOf, type Rule } from './rule.ts';

const FREE_HINT = 'Leave the address out and libvirt finds a free one.';

/** "Attempted double use of PCI Address %s" */
const pciDuplicate: Rule = {
  code: 'pci-address-duplicate',
  severity: 'error',
  stage: 'validate',
  summary: 'a PCI address of the guest is given to one device only',
  source: 'libvirt src/conf/domain_addr.c: virDomainPCIAddressReserveAddrInternal',
  check: ({ domain }) =>
    duplicates(pciDevices(domain), ({ address }) => pciAddressText(address)).flatMap(
      ({ item, first }) =>
        found(
          item.device.addressElement,
          `Attempted double use of PCI Address ${pciAddressText(item.address)}`,
          `<${first.device.kind}> has it already (${lineOf(first.device.element)}). ${FREE_HINT}`,
        ),
    ),
};

/** "Invalid PCI address %s. Only PCI domain 0 is available"; "… slot must be >= %zu"; "… slot must be <= %zu" */
const pciUnusable: Rule = {
  code: 'pci-address-unusable',
  severity: 'error',
  stage: 'validate',
  summary: 'a PCI address of the guest is in domain 0 and in a slot its bus has',
  source: 'libvirt src/conf/domain_addr.c: virDomainPCIAddressValidate, …BusSetModel',
  check: ({ domain }) =>
    pciDevices(domain).flatMap(({ device, address }) => {
      const problem = unusable(domain, address);
      return problem === undefined ? [] : found(device.addressElement, problem, FREE_HINT);
    }),
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
  ccwDuplicate,
  zpciDuplicate,
  zpciUid,
  zpciArch,
];

interface PciDevice {
  readonly device: DomainDevice;
  readonly address: GuestPciAddress;
}

/** Devices with a PCI address that is in range. */
function pciDevices(domain: Domain): readonly PciDevice[] {
  const firstConsole = domain.devices.find(({ kind }) => kind === 'console');
  return domain.devices.flatMap((device) => {
    if (device === firstConsole && isSerialPort(device)) return [];
    const { address } = device;
    return address?.kind === 'pci' && pciRangeProblem(address) === undefined
      ? [{ device, address }]
      : [];
  });
}

/** The first console is the first serial port under another name. (libvirt virDomainSkipBackcompatConsole) */
function isSerialPort({ element }: DomainDevice): boolean {
  const target = child(element, 'target');
  const type = target && attributeOf(target, 'type');
  return type === undefined || type === 'serial';
}

/** First and last slot of a bus, by the model of its controller. */
const SLOTS: Readonly<Record<string, readonly [number, number]>> = {
  'pci-root': [1, 31],
  'pcie-root': [1, 31],
  'pci-bridge': [1, 31],
  'pcie-to-pci-bridge': [1, 31],
  'pcie-root-port': [0, 0],
  'pcie-switch-downstream-port': [0, 0],
};

function unusable(domain: Domain, address: GuestPciAddress): string | undefined {
  const text = pciAddressText(address);
  if (address.domain !== 0) return `Invalid PCI address ${text}. Only PCI domain 0 is available`;
  const controller = domain.pciControllers.get(address.bus);
  const model = controller && attributeOf(controller.element, 'model');
  const slots = model !== undefined && Object.hasOwn(SLOTS, model) ? SLOTS[model] : undefined;
  if (slots === undefined) return undefined;
  const [first, last] = slots;
  if (address.slot < first) return `Invalid PCI address ${text}. slot must be >= ${first}`;
  if (address.slot > last) return `Invalid PCI address ${text}. slot must be <= ${last}`;
  return undefined;
}

function zpciElement(device: DomainDevice) {
  return device.addressElement && child(device.addressElement, 'zpci');
}

function zpciOf(device: DomainDevice): ZpciAddress | undefined {
  return device.addressElement && readZpci(device.addressElement);
}
