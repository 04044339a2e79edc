import { attributeOf, childElements, type XmlElement } from '../../xml/element.ts';
import { addressNumbers, CCW_NUMBERS, readPciAddress } from '../address.ts';
import { ccwRangeProblem, pciRangeProblem } from '../address-range.ts';
import type { Domain } from '../domain.ts';
import { loadparmProblem } from '../loadparm.ts';
import * as messages from '../messages.ts';
import { readDecimal, readUnsigned } from '../numbers.ts';
import {
  attribute,
  child,
  enumFindings,
  type Finding,
  type FindingNode,
  found,
  perDevice,
  REMOVAL,
  type Rule,
} from './rule.ts';

/** Devices for which libvirt reads a boot order. (src/conf/domain_conf.c: VIR_DOMAIN_DEF_PARSE_ALLOW_BOOT) */
export const BOOTABLE: ReadonlySet<string> = new Set(['disk', 'interface', 'hostdev', 'redirdev']);

/** The types of guest addresses that libvirt knows. (src/conf/device_conf.c: virDomainDeviceAddress) */
export const ADDRESS_TYPES: readonly string[] =
  'none pci drive virtio-serial ccid usb spapr-vio virtio-s390 ccw virtio-mmio isa dimm unassigned'.split(
    ' ',
  );

const GUEST_HINT = 'Leave the guest address out and libvirt finds a free one.';
const HOST_HINT =
  "Write the host's address as `lspci -D` prints it: 0000:86:00.0 has domain 0, bus 0x86, slot 0, function 0.";

/** "Invalid value for attribute 'order' in element 'boot': Zero is not permitted" */
const bootOrderInvalid: Rule = {
  code: 'boot-order-invalid',
  severity: 'error',
  stage: 'parse',
  summary: 'a boot order is a whole number from 1',
  source: 'libvirt src/conf/domain_conf.c: virDomainDeviceBootParseXML',
  check: ({ domain }) =>
    domain.devices
      .filter(({ kind }) => BOOTABLE.has(kind))
      .flatMap(({ element }) => bootFindings(child(element, 'boot'))),
};

/** "loadparm value '%s' must be between 1 and 8 characters", "invalid loadparm char '%c', expecting chars in set of …" */
const loadparmInvalid: Rule = {
  code: 'boot-loadparm-invalid',
  severity: 'error',
  stage: 'parse',
  summary: "a loadparm has 1 to 8 letters, digits, '.' and ' '",
  source: 'libvirt src/conf/domain_conf.c: virDomainDefBootLoadparmValidate',
  check: ({ domain }) =>
    domain.devices
      .filter(({ kind }) => BOOTABLE.has(kind))
      .flatMap(({ element }) => {
        const boot = child(element, 'boot');
        const loadparm = boot && attribute(boot, 'loadparm');
        const problem = loadparmProblem(loadparm?.value);
        return problem === undefined
          ? []
          : found(
              loadparm,
              problem,
              "Write what the guest's boot menu shows, such as '2' or 'PROD'.",
            );
      }),
};

/** "Invalid value for attribute 'index' in element 'acpi': '%s'. Expected non-negative integer value" */
const acpiIndexInvalid: Rule = {
  code: 'acpi-index-invalid',
  severity: 'error',
  stage: 'parse',
  summary: 'the ACPI index of a host device is a whole number from 1',
  source: 'libvirt src/conf/domain_conf.c: virDomainDeviceInfoParseXML',
  check: ({ domain }) =>
    domain.hostdevs.flatMap(({ element }) => {
      const acpi = child(element, 'acpi');
      const index = acpi && attribute(acpi, 'index');
      if (index === undefined || (readDecimal(index.value) ?? 0) > 0) return [];
      return [notANumber('index', 'acpi', index.value, index, 'Write a whole number from 1.')];
    }),
};

/** "Missing required attribute 'type' in element 'address'", "Invalid value for attribute 'type' in element …" */
const addressTypeInvalid: Rule = {
  code: 'address-type-invalid',
  severity: 'error',
  stage: 'parse',
  summary: 'the guest address of a host device has a type libvirt knows',
  source: 'libvirt src/conf/domain_conf.c: virDomainDeviceAddressParseXML',
  check: ({ domain }) =>
    domain.hostdevs.flatMap(({ addressElement }) => {
      if (addressElement === undefined) return [];
      return attribute(addressElement, 'type') === undefined
        ? found(
            addressElement,
            "Missing required attribute 'type' in element 'address'",
            "Write type='pci' (or 'ccw'), or leave the address out.",
          )
        : enumFindings(addressElement, 'type', ADDRESS_TYPES);
    }),
};

/** "Invalid value for attribute '%s' in element 'address': '%s'. Expected non-negative integer value" */
const addressNumberInvalid: Rule = {
  code: 'address-number-invalid',
  severity: 'error',
  stage: 'parse',
  summary: 'the parts of a PCI or channel subsystem address are numbers',
  source:
    'libvirt src/conf/device_conf.c: virPCIDeviceAddressParseXML, virCCWDeviceAddressParseXML',
  check: ({ domain }) =>
    addresses(domain).flatMap(({ element, kind }) =>
      numberFindings(element, addressNumbers(kind)).concat(
        childElements(element, 'zpci').flatMap((zpci) => numberFindings(zpci, ['uid', 'fid'])),
      ),
    ),
};

/** "Invalid PCI address bus='0x%x', must be <= 0xFF", and so for domain, slot and function. */
const pciAddressRange: Rule = {
  code: 'pci-address-range',
  severity: 'error',
  stage: 'parse',
  summary: 'the parts of a PCI address are in range: bus to 0xff, slot to 0x1f, function to 7',
  source: 'libvirt src/util/virpci.c: virPCIDeviceAddressIsValid',
  check: ({ domain }) =>
    addresses(domain)
      .filter(({ kind }) => kind === 'pci')
      .flatMap(({ element, isHost }) => {
        const address = readPciAddress(element);
        const problem = address && pciRangeProblem(address);
        return problem === undefined
          ? []
          : found(element, problem, isHost ? HOST_HINT : GUEST_HINT, isHost ? undefined : REMOVAL);
      }),
};

/** "Invalid specification for virtio ccw address: …", "Invalid partial specification for virtio ccw address" */
const ccwAddressRange: Rule = {
  code: 'ccw-address-invalid',
  severity: 'error',
  stage: 'parse',
  summary: 'a channel subsystem address is complete and in range: 0xfe.3.0xffff',
  source: 'libvirt src/conf/device_conf.c: virCCWDeviceAddressParseXML',
  check: ({ domain }) =>
    addresses(domain)
      .filter(({ kind }) => kind === 'ccw')
      .flatMap(({ element }) => {
        const problem = ccwProblem(element);
        return problem === undefined ? [] : found(element, problem, GUEST_HINT, REMOVAL);
      }),
};

/** Mistakes in boot orders and addresses that stop libvirt from reading the domain. */
export const parseDeviceRules: readonly Rule[] = perDevice([
  bootOrderInvalid,
  loadparmInvalid,
  acpiIndexInvalid,
  addressTypeInvalid,
  addressNumberInvalid,
  pciAddressRange,
  ccwAddressRange,
]);

function bootFindings(boot: XmlElement | undefined): readonly Finding[] {
  if (boot === undefined) return [];
  const order = attribute(boot, 'order');
  const hint = 'Boot orders are whole numbers from 1.';
  if (order === undefined) {
    return found(boot, "Missing required attribute 'order' in element 'boot'", hint);
  }
  const value = readDecimal(order.value);
  if (value === 0) return found(order, messages.BOOT_ORDER_ZERO, hint);
  return value === undefined ? [notANumber('order', 'boot', order.value, order, hint)] : [];
}

interface AddressElement {
  readonly element: XmlElement;
  readonly kind: 'pci' | 'ccw';
  /** The host's, not the guest's. */
  readonly isHost: boolean;
}

/** Guest addresses of all devices, and host addresses of PCI hostdevs. */
function addresses(domain: Domain): readonly AddressElement[] {
  const guest = domain.devices.flatMap(({ addressElement }) => addressElement ?? []);
  const host = domain.hostdevs
    .filter(({ type }) => type === 'pci')
    .flatMap(({ element }) => {
      const source = child(element, 'source');
      return (source && child(source, 'address')) ?? [];
    });
  return [
    ...guest.flatMap((element) => {
      const kind = attributeOf(element, 'type');
      return kind === 'pci' || kind === 'ccw' ? [{ element, kind, isHost: false } as const] : [];
    }),
    ...host.map((element) => ({ element, kind: 'pci', isHost: true }) as const),
  ];
}

function numberFindings(element: XmlElement, names: readonly string[]): readonly Finding[] {
  return names.flatMap((name) => {
    const at = attribute(element, name);
    return at === undefined || readUnsigned(at.value) !== undefined
      ? []
      : [notANumber(name, element.name, at.value, at, 'Write it as 0x1f or 31.')];
  });
}

function notANumber(
  name: string,
  element: string,
  value: string,
  at: FindingNode,
  hint: string,
): Finding {
  return {
    message: `Invalid value for attribute '${name}' in element '${element}': '${value}'. Expected non-negative integer value`,
    at,
    hint,
  };
}

function ccwProblem(element: XmlElement): string | undefined {
  const written = CCW_NUMBERS.map((name) => attributeOf(element, name));
  const [cssid, ssid, devno] = written.map((text) => (text === undefined ? 0 : readUnsigned(text)));
  if (cssid === undefined || ssid === undefined || devno === undefined) return undefined;
  const range = ccwRangeProblem({ cssid, ssid, devno });
  if (range !== undefined) return range;
  const present = written.filter((text) => text !== undefined).length;
  return present === 0 || present === CCW_NUMBERS.length
    ? undefined
    : 'Invalid partial specification for virtio ccw address';
}
