import { attributeOf, type XmlElement } from '../../xml/element.ts';
import { pciAddressText, readPciAddress } from '../address.ts';
import type { Domain, DomainHostdev } from '../domain.ts';
import * as messages from '../messages.ts';
import { readUnsigned } from '../numbers.ts';
import {
  attribute,
  child,
  duplicates,
  type FindingNode,
  found,
  lineOf,
  REMOVAL,
  type Rule,
  uuidNode,
} from './rule.ts';

/** "Hostdev already exists in the domain configuration" */
const hostdevDuplicate: Rule = {
  code: 'hostdev-duplicate',
  severity: 'error',
  stage: 'validate',
  summary: 'a host device is in a domain once',
  source: 'libvirt src/conf/domain_validate.c: virDomainDefHostdevValidate',
  check: ({ domain }) =>
    repeated(givenDevices(domain)).flatMap(({ item, first }) =>
      found(
        item.at,
        'Hostdev already exists in the domain configuration',
        `${item.what} is in the <${first.element.name}> of ${lineOf(first.element)} already.`,
      ),
    ),
};

/** "Only one vgpu device can have 'ramfb' enabled" */
const ramfbMultiple: Rule = {
  code: 'ramfb-multiple',
  severity: 'error',
  stage: 'validate',
  summary: 'one device of a domain has ramfb at most',
  source: 'libvirt src/conf/domain_validate.c: virDomainDefHostdevValidate',
  check: ({ domain }) =>
    domain.hostdevs
      .filter(({ type }) => type === 'mdev' || type === 'pci')
      .flatMap(({ element }) => attribute(element, 'ramfb') ?? [])
      .filter(({ value }) => value === 'on')
      .slice(1)
      .flatMap((at) =>
        found(
          at,
          "Only one vgpu device can have 'ramfb' enabled",
          'Keep it on the device whose screen the guest boots with.',
        ),
      ),
};

/** "non unique alias detected: %s"; libvirt reads only aliases in the form for users. */
const aliasDuplicate: Rule = {
  code: 'alias-duplicate',
  severity: 'error',
  stage: 'validate',
  summary: 'an alias names one device',
  source: 'libvirt src/conf/domain_validate.c: virDomainDeviceDefValidateAliasesIterator',
  check: ({ domain }) =>
    duplicates(domain.devices, ({ alias }) =>
      alias !== undefined && messages.USER_ALIAS.test(alias) ? alias : undefined,
    ).flatMap(({ item, first }) =>
      found(
        child(item.element, 'alias'),
        `non unique alias detected: ${item.alias ?? ''}`,
        `<${first.kind}> has it already (${lineOf(first.element)}).`,
      ),
    ),
};

/**
 * "teaming hostdev devices must have type='transient'", "missing required persistent attribute in hostdev teaming
 * element", "teaming is only supported for pci hostdev devices"
 */
const teaming: Rule = {
  code: 'hostdev-teaming',
  severity: 'error',
  stage: 'validate',
  summary: "<teaming> is for PCI host devices, with type='transient' and persistent='…'",
  source: 'libvirt src/conf/domain_validate.c: virDomainHostdevDefValidate',
  isPerDevice: true,
  check: ({ domain }) =>
    domain.hostdevs.flatMap((hostdev) => {
      const element = child(hostdev.element, 'teaming');
      const message = element && teamingProblem(hostdev, element);
      return message === undefined ? [] : found(element, message, 'Remove <teaming>.', REMOVAL);
    }),
};

/** The mistakes that libvirt finds when it compares the domain's devices. */
export const validateRules: readonly Rule[] = [
  hostdevDuplicate,
  ramfbMultiple,
  aliasDuplicate,
  teaming,
];

function teamingProblem(hostdev: DomainHostdev, element: XmlElement): string | undefined {
  if (attributeOf(element, 'type') !== 'transient') {
    return "teaming hostdev devices must have type='transient'";
  }
  if (attributeOf(element, 'persistent') === undefined) {
    return 'missing required persistent attribute in hostdev teaming element';
  }
  return hostdev.mode === 'subsystem' && hostdev.type === 'pci'
    ? undefined
    : 'teaming is only supported for pci hostdev devices';
}

interface Given {
  readonly element: XmlElement;
  readonly at: FindingNode;
  readonly key: string | undefined;
  /** A USB device may be written by both of its names; the first of two devices says which counts. */
  readonly otherKey?: string | undefined;
  readonly what: string;
}

/** Devices that are given before. (src/conf/domain_conf.c: virDomainHostdevMatch) */
function repeated(
  given: readonly Given[],
): readonly { readonly item: Given; readonly first: Given }[] {
  const seen = new Map<string, Given>();
  return given.flatMap((item) => {
    const { key, otherKey } = item;
    const first = seen.get(key ?? '') ?? seen.get(otherKey ?? '');
    if (first !== undefined) return [{ item, first }];
    if (key !== undefined) seen.set(key, item);
    return [];
  });
}

/** What a domain gets of the host, network cards as `<interface type='hostdev'>` too: to libvirt they are hostdevs as well. */
function givenDevices(domain: Domain): readonly Given[] {
  return [
    ...domain.hostdevs.map((hostdev) => ({
      element: hostdev.element,
      at: uuidNode(hostdev),
      key: deviceKey(hostdev),
      otherKey: usbIdKey(hostdev),
      what: hostdev.type === 'mdev' ? `Mediated device ${hostdev.uuid ?? ''}` : 'The device',
    })),
    ...domain.devices
      .filter(
        ({ kind, element }) => kind === 'interface' && attributeOf(element, 'type') === 'hostdev',
      )
      .map(({ element }) => {
        const source = child(element, 'source');
        return { element, at: element, key: source && pciKey(source), what: 'The network card' };
      }),
  ];
}

function pciKey(source: XmlElement): string | undefined {
  const element = child(source, 'address');
  const address = element && readPciAddress(element);
  return address && `pci ${pciAddressText(address)}`;
}

/** A key that is equal for two hostdevs of the same device. */
function deviceKey(hostdev: DomainHostdev): string | undefined {
  if (hostdev.type === 'mdev') return hostdev.uuid && `mdev ${hostdev.uuid}`;
  const source = child(hostdev.element, 'source');
  if (hostdev.mode !== 'subsystem' || source === undefined) return undefined;
  switch (hostdev.type) {
    case 'pci':
      return pciKey(source);
    case 'usb':
      return usbKey(source);
    case 'scsi': {
      const adapter = child(source, 'adapter');
      const address = child(source, 'address');
      return (
        adapter &&
        address &&
        `scsi ${numbers(adapter, ['name'])} ${numbers(address, ['bus', 'target', 'unit'])}`
      );
    }
    case 'scsi_host': {
      const wwpn = attributeOf(source, 'wwpn');
      return wwpn && `scsi_host ${wwpn}`;
    }
    case undefined:
    default:
      return undefined;
  }
}

/** A USB device is named by bus and device, or by vendor and product. */
function usbKey(source: XmlElement): string | undefined {
  const address = child(source, 'address');
  if (address !== undefined) return `usb ${numbers(address, ['bus', 'device', 'port'])}`;
  return idKey(source);
}

function idKey(source: XmlElement): string | undefined {
  const vendor = child(source, 'vendor');
  const product = child(source, 'product');
  return vendor && product && `usb ${numbers(vendor, ['id'])} ${numbers(product, ['id'])}`;
}

function usbIdKey({ type, element }: DomainHostdev): string | undefined {
  const source = child(element, 'source');
  return type === 'usb' ? source && idKey(source) : undefined;
}

function numbers(element: XmlElement, names: readonly string[]): string {
  return names
    .map((name) => attributeOf(element, name) ?? '')
    .map((value) => String(readUnsigned(value) ?? value))
    .join(':');
}
