import type { PciCapability } from '../../nodedev/device.ts';
import { LINK_SPEEDS, PCI_CONFIG } from '../sysfs/pci-config.ts';
import { type Branch, type FileBranch, file } from '../tree.ts';

/** No region of memory or ports: what the kernel prints of an endpoint's six, and of its ROM. */
const NO_RESOURCES = file(`${'0x0000000000000000 '.repeat(3).trimEnd()}\n`.repeat(7));

/**
 * The files by which other programs know a PCI device (libvirt, udev, lspci): its configuration space, its resources,
 * and in `uevent` what the kernel tells udev (pci_uevent in drivers/pci/pci-driver.c).
 */
export function pciFiles(
  address: string,
  driver: string | undefined,
  pci: PciCapability,
): readonly (readonly [string, Branch])[] {
  return [
    ['config', configFile(pci)],
    ['resource', NO_RESOURCES],
    ['uevent', file(uevent(address, driver, pci), 0o644)],
  ];
}

const idOf = (text: string | undefined): number => Number.parseInt(text ?? '0', 16);

const hex = (value: number, digits: number): string =>
  value.toString(16).toUpperCase().padStart(digits, '0');

function uevent(address: string, driver: string | undefined, pci: PciCapability): string {
  const [vendor, device, kind] = [idOf(pci.vendor?.id), idOf(pci.product?.id), idOf(pci.class)];
  const [base, sub, interfaceId] = [kind >> 16, (kind >> 8) & 0xff, kind & 0xff];
  return [
    ...(driver === undefined ? [] : [`DRIVER=${driver}`]),
    `PCI_CLASS=${hex(kind, 4)}`,
    `PCI_ID=${hex(vendor, 4)}:${hex(device, 4)}`,
    'PCI_SUBSYS_ID=0000:0000',
    `PCI_SLOT_NAME=${address}`,
    `MODALIAS=pci:v${hex(vendor, 8)}d${hex(device, 8)}sv00000000sd00000000bc${hex(base, 2)}sc${hex(sub, 2)}i${hex(interfaceId, 2)}`,
    '',
  ].join('\n');
}

/** The 256 bytes that say what a profile says: ids, class, kind of header, and the PCI Express link. */
function configFile({
  vendor,
  product,
  class: kind,
  capabilities,
  pciExpress,
}: PciCapability): FileBranch {
  const config = new DataView(new ArrayBuffer(256));
  const kinds = new Set(capabilities.map((capability) => capability.kind));
  // A virtual function has no ids of its own (SR-IOV 1.1, 3.4.1).
  const isVirtual = kinds.has('phys_function');
  config.setUint16(0, isVirtual ? 0xffff : idOf(vendor?.id), true);
  config.setUint16(2, isVirtual ? 0xffff : idOf(product?.id), true);
  config.setUint32(8, idOf(kind) << 8, true);
  const header = kinds.has('pci-bridge')
    ? PCI_CONFIG.bridge
    : kinds.has('cardbus-bridge')
      ? PCI_CONFIG.cardbus
      : 0;
  config.setUint8(PCI_CONFIG.headerType, header);
  if (pciExpress !== undefined) {
    const at = 0x40;
    config.setUint8(PCI_CONFIG.status, PCI_CONFIG.hasCapabilities);
    config.setUint8(PCI_CONFIG.firstCapability, at);
    config.setUint8(at, PCI_CONFIG.express);
    const { capability: able, status: now } = pciExpress;
    // A port type without link, when there is none.
    config.setUint8(at + 2, able === undefined ? 0x92 : 0x02);
    config.setUint32(
      at + PCI_CONFIG.linkCapabilities,
      ((able?.port ?? 0) << 24) | linkWord(able),
      true,
    );
    config.setUint16(at + PCI_CONFIG.linkStatus, linkWord(now), true);
  }
  return {
    ...file(Buffer.from(config.buffer).toString('latin1'), 0o644),
    encoding: 'latin1',
  };
}

type Link = NonNullable<NonNullable<PciCapability['pciExpress']>['status']>;

const linkWord = (link: Link | undefined): number =>
  link === undefined ? 0 : (link.width << 4) | Math.max(0, LINK_SPEEDS.indexOf(link.speed ?? ''));
