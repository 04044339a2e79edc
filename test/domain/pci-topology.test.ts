import { describe, expect, test } from 'vitest';
import { pciAddressText } from '../../src/domain/address.ts';
import { freePciAddress } from '../../src/domain/pci/topology.ts';
import { parseDomain } from '../../src/domain/parse-domain.ts';
import { validateDomain } from '../../src/domain/validate-domain.ts';
import { domainXml, mdev } from './support.ts';

/** A guest address; `bus:slot.function` in hexadecimal. */
function at(address: string, type = 'pci'): string {
  const [bus = '', slot = '', fn = ''] = address.split(/[:.]/);
  return `<address type='${type}' bus='0x${bus}' slot='0x${slot}' function='${fn}'/>`;
}

const hostdev = (address: string) => mdev({ children: at(address) });
const pci = (model: string, index?: number, address?: string) =>
  `<controller type='pci' model='${model}'${index === undefined ? '' : ` index='${index}'`}>${address === undefined ? '' : at(address)}</controller>`;
const e1000 = (address: string) =>
  `<interface type='user'><model type='e1000'/>${at(address)}</interface>`;

/** What libvirt 12.8.0 and 9.0.0 said (define, QEMU driver); undefined: defined it. */
type Verdict = string | undefined;

const CASES: Readonly<Record<string, readonly (readonly [devices: string, verdict: Verdict])[]>> = {
  q35: [
    [
      pci('pcie-root-port'),
      "index='0' must be model='pcie-root' for this machine type, but model='pcie-root-port'",
    ],
    [pci('pcie-root', 0) + pci('pcie-root-port'), undefined],
    [pci('pcie-root') + pci('pcie-root-port') + hostdev('01:01.0'), '01:01.0. slot must be <= 0'],
    ["<controller type='pci' index='1'/>", 'PCI controller model was not set correctly'],
    ["<controller type='pci'/>", "but model='(null)' was found instead"],
    [pci('pcie-root', 1), 'pci-root and pcie-root controllers should have index 0'],
    [
      pci('pcie-root', 0, '00:03.0'),
      'pci-root and pcie-root controllers should not have an address',
    ],
    [
      pci('pci-bridge', 1),
      "PCI controller at index 1 (0x01) has bus='0x01', but index must be larger than bus",
    ],
    [pci('pci-expander-bus', 1), 'pci-expander-bus controllers are only supported on 440fx-based'],
    [pci('pcie-expander-bus', 1), undefined],
    [
      pci('pcie-expander-bus', 1) + hostdev('01:00.0'),
      'It requires a controller that accepts a PCI Express device.',
    ],
    [
      pci('pcie-root-port', 1, '01:00.0'),
      'It requires a controller that accepts a pcie-root-port.',
    ],
    [pci('pcie-root-port', 40), undefined],
    [
      pci('pcie-root-port', 255),
      "is needed to connect a PCI controller model='pcie-root-port', but none is available",
    ],
    [pci('pcie-root-port', 256), 'PCI controllers'],
    [hostdev('02:02.0'), '02:02.0. slot must be <= 0'],
    [pci('pcie-root-port', 5) + hostdev('03:01.0'), '03:01.0. slot must be <= 0'],
    [pci('pcie-root-port', 5) + hostdev('03:00.0'), undefined],
    [hostdev('e6:00.0'), undefined],
    [
      hostdev('ff:00.0'),
      "is needed to connect a PCI controller model='pcie-root-port', but none is available",
    ],
    [hostdev('00:1f.0'), 'Attempted double use of PCI Address 0000:00:1f.0'],
    [hostdev('00:1f.2'), 'Attempted double use of PCI Address 0000:00:1f.2'],
    [hostdev('00:1f.3'), 'Attempted double use of PCI Address 0000:00:1f.3'],
    [hostdev('00:1f.4'), undefined],
    [hostdev('00:02.1'), undefined],
    [
      pci('pcie-root-port', 1, '00:02.0') + hostdev('00:02.0'),
      'Attempted double use of PCI Address 0000:00:02.0',
    ],
    [
      `<controller type='sata' index='0'>${at('00:05.0')}</controller>`,
      'Primary SATA controller must have PCI address 0:0:1f.2',
    ],
    [`<controller type='sata' index='0'>${at('00:1f.2')}</controller>`, undefined],
    // A conventional device brings its own bridges: the bus it names is one of them.
    [e1000('01:01.0'), undefined],
    [e1000('01:00.0'), '01:00.0. slot must be >= 1'],
    [e1000('02:00.0'), '02:00.0. slot must be >= 1'],
    [e1000('02:01.0'), undefined],
    [pci('pcie-root-port', 1) + e1000('01:00.0'), undefined],
    [
      pci('pcie-root-port', 1) + pci('pcie-to-pci-bridge', 2) + hostdev('02:00.0'),
      '02:00.0. slot must be >= 1',
    ],
    [
      pci('pcie-root-port', 1) + pci('pcie-switch-upstream-port', 2) + hostdev('02:00.0'),
      'It requires a controller that accepts a PCI Express device.',
    ],
    [pci('pcie-switch-upstream-port', 1), undefined],
    [pci('pcie-switch-downstream-port', 1), "a PCI controller model='pcie-switch-downstream-port'"],
    [
      `<iommu model='virtio'>${at('01:00.0')}</iommu>`,
      'The device at PCI address 0000:01:00.0 needs to be an integrated device (bus=0)',
    ],
    [
      "<controller type='scsi' index='1'/><controller type='scsi' index='1'/>",
      "Multiple 'scsi' controllers with index '1'",
    ],
    [
      "<controller type='usb' index='0' model='ich9-ehci1'/><controller type='usb' index='0' model='ich9-uhci1'/>",
      undefined,
    ],
  ],
  pc: [
    [
      "<controller type='pci' index='0'/>",
      "must be model='pci-root' for this machine type, but model='(null)'",
    ],
    [pci('pcie-root', 0), "must be model='pci-root' for this machine type, but model='pcie-root'"],
    [pci('pcie-root-port', 1), "a PCI controller model='pcie-root-port', but none is available"],
    [
      pci('dmi-to-pci-bridge', 1),
      "a PCI controller model='dmi-to-pci-bridge', but none is available",
    ],
    [
      pci('pcie-expander-bus', 1),
      'pcie-expander-bus controllers are not supported with this machine type',
    ],
    [pci('pci-root', 1), 'pci-root and pcie-root controllers should have index 0'],
    [pci('pci-bridge', 1, '02:01.0'), "a PCI controller model='pci-bridge', but none is available"],
    [pci('pci-expander-bus', 1) + hostdev('01:00.0'), undefined],
    [hostdev('00:01.0'), 'Attempted double use of PCI Address 0000:00:01.0'],
    [hostdev('00:01.1'), undefined],
    [
      `<disk><target dev='hda'/></disk>${hostdev('00:01.1')}`,
      'Attempted double use of PCI Address 0000:00:01.1',
    ],
    [hostdev('00:01.2'), 'Attempted double use of PCI Address 0000:00:01.2'],
    [`<controller type='usb' model='qemu-xhci'/>${hostdev('00:01.2')}`, undefined],
    [hostdev('00:01.3'), 'Attempted double use of PCI Address 0000:00:01.3'],
    [hostdev('00:01.4'), undefined],
    [`<video><model type='vga'/></video>${hostdev('00:02.0')}`, undefined],
    [
      `<controller type='ide' index='0'>${at('00:05.0')}</controller>`,
      'Primary IDE controller must have PCI address 0:0:1.1',
    ],
    [
      `<controller type='usb' index='0'>${at('00:05.0')}</controller>`,
      'PIIX3 USB controller at index 0 must have PCI address 0:0:1.2',
    ],
    [hostdev('03:00.0'), '03:00.0. slot must be >= 1'],
    [hostdev('03:01.0'), undefined],
  ],
  microvm: [
    [mdev(), 'No PCI buses available'],
    [hostdev('00:05.0'), 'No PCI buses available'],
    [
      "<controller type='pci' index='0' model='pcie-root'/>",
      "Machine type 'microvm' does not support PCI",
    ],
    ["<disk><target dev='vda'/></disk>", undefined],
  ],
  isapc: [
    [mdev(), 'No PCI buses available'],
    [mdev({ model: 'vfio-ap' }), undefined],
  ],
};

/** Nothing at all, or a text with that in it. */
const verdictText = (verdict: Verdict): unknown =>
  verdict === undefined ? '' : expect.stringContaining(verdict);

const PCI_CODES: ReadonlySet<string> = new Set([
  'pci-address-duplicate',
  'pci-address-unusable',
  'pci-controller',
]);

function problems(xml: string): string {
  return validateDomain(xml)
    .filter(({ code }) => PCI_CODES.has(code))
    .map(({ message }) => message)
    .join('\n');
}

describe.each(Object.entries(CASES))('%s', (machine, cases) => {
  test.each(cases)('%s', (devices, verdict) => {
    const found = problems(domainXml(devices, { machine }));
    expect(found).toEqual(verdictText(verdict));
  });
});

test.each([
  ['aarch64', 'virt', '05:01.0', 'slot must be <= 0'],
  ['aarch64', 'virt', '05:00.0', undefined],
  ['ppc64', 'pseries', '02:05.0', undefined],
  ['ppc64', 'pseries', '02:00.0', 'slot must be >= 1'],
  ['s390x', 's390-ccw-virtio', '02:05.0', undefined],
  ['s390x', 's390-ccw-virtio', '02:00.0', 'slot must be >= 1'],
])('%s %s, %s: %s', (arch, machine, address, verdict) => {
  const found = problems(domainXml(hostdev(address), { arch, machine }));
  expect(found).toEqual(verdictText(verdict));
});

test("of a machine that is not known only addresses given twice are wrong, of other hypervisors' domains none", () => {
  const twice = hostdev('07:1f.0') + e1000('07:1f.0');
  const unknown = { machine: 'g3beige', arch: 'ppc' };
  expect(problems(domainXml(hostdev('07:1f.0'), unknown))).toBe('');
  expect(problems(domainXml(twice, unknown))).toContain('double use');
  expect(problems(domainXml(twice, { type: 'xen' }))).toBe('');
});

describe('the address chosen for one more host device', () => {
  const ports = [1, 2].map((index) => pci('pcie-root-port', index)).join('');
  test.each([
    ['q35', '', '0000:01:00.0'],
    ['q35', ports, '0000:01:00.0'],
    ['q35', ports + hostdev('01:00.0'), '0000:02:00.0'],
    ['q35', ports + hostdev('01:00.0') + e1000('02:00.0'), '0000:03:00.0'],
    ['pc', '', '0000:00:02.0'],
    ['pc', "<graphics type='vnc'/>", '0000:00:03.0'],
    ['pc', hostdev('00:02.0') + e1000('00:03.0'), '0000:00:04.0'],
    ['microvm', '', undefined],
  ])('%s %s: %s', (machine, devices, address) => {
    const free = freePciAddress(parseDomain(domainXml(devices, { machine })));
    expect(free && pciAddressText(free)).toBe(address);
  });
});
