import { describe, expect, it } from 'vitest';
import { type Case, capability, compare, titled } from './support.ts';

const PCI = [
  '<domain>0</domain>',
  '<bus>2</bus>',
  '<slot>16</slot>',
  '<function>7</function>',
  "<product id='0x10ca'/>",
  "<vendor id='0x8086'/>",
];
const pci: readonly Case[] = [
  [capability('pci'), 3, 1, "no PCI domain ID supplied for 'n'"],
  ...(['domain', 'bus', 'slot', 'function'] as const).map(
    (name, index): Case => [
      capability('pci', ...PCI.toSpliced(index, 1)),
      3,
      1,
      `no PCI ${name} ID supplied for 'n'`,
    ],
  ),
  [capability('pci', ...PCI.toSpliced(4, 1)), 3, 1, "no PCI product ID supplied for 'n'"],
  [
    capability('pci', ...PCI.toSpliced(5, 1, '<vendor/>')),
    3,
    1,
    "no PCI vendor ID supplied for 'n'",
  ],
  [
    capability('pci', ...PCI.toSpliced(1, 1, '<bus>0x02</bus>')),
    5,
    1,
    "invalid PCI bus ID supplied for 'n'",
  ],
  [
    capability('pci', '<class>0x1000000</class>', ...PCI),
    4,
    1,
    "invalid PCI class supplied for 'n'",
  ],
  [
    capability('pci', ...PCI, "<capability type='phys_function'/>"),
    10,
    1,
    "Missing address in 'phys_function' capability",
  ],
  [
    capability('pci', ...PCI, "<capability type='virt_functions' maxCount='many'/>"),
    10,
    35,
    "Malformed 'maxCount' parameter",
  ],
  [
    capability('pci', ...PCI, "<capability type='storage'/>"),
    10,
    1,
    "Capability type 'storage' cannot stand here",
    'Allowed here: phys_function,',
  ],
  [
    capability(
      'pci',
      ...PCI,
      "<iommuGroup number='1'><address domain='0' bus='0' slot='0x20' function='0'/></iommuGroup>",
    ),
    10,
    52,
    "Invalid value for attribute 'slot' in element 'address': '0x20'",
    'from 0x0 to 0x1f',
  ],
  [
    capability(
      'pci',
      ...PCI,
      "<iommuGroup number='1'><address domain='0' bus='08' slot='0' function='0'/></iommuGroup>",
    ),
    10,
    44,
    "Invalid value for attribute 'bus' in element 'address': '08'",
  ],
  [
    capability(
      'pci',
      ...PCI,
      "<iommuGroup number='1'><address domain='0' bus='0' slot='0'/></iommuGroup>",
    ),
    10,
    24,
    "Missing required attribute 'function' in element 'address'",
  ],
  [
    capability('pci', ...PCI, "<iommuGroup number='1'><news/></iommuGroup>"),
    10,
    24,
    'Unexpected element <news> in <iommuGroup>',
  ],
  [
    capability('pci', ...PCI, '<pci-express><link width="1"/></pci-express>'),
    10,
    14,
    "Missing required attribute 'validity' in element 'link'",
    'Expected cap or sta.',
  ],
  [
    capability('pci', ...PCI, "<pci-express><link validity='no' width='1'/></pci-express>"),
    10,
    14,
    "Invalid value for attribute 'validity' in element 'link': 'no'",
  ],
  [
    capability(
      'pci',
      ...PCI,
      "<pci-express><link validity='cap' speed='fast' width='1'/></pci-express>",
    ),
    10,
    35,
    "Invalid value for attribute 'speed' in element 'link': 'fast'",
  ],
  [
    capability('pci', ...PCI, "<capability type='vpd'/>"),
    10,
    1,
    'Could not read a device name from the <name> element',
  ],
  [
    capability(
      'pci',
      ...PCI,
      "<capability type='vpd'><name>n</name>",
      "<fields access='secret'/></capability>",
    ),
    11,
    1,
    "Invalid value for attribute 'access' in element 'fields': 'secret'",
    'Expected readonly or readwrite.',
  ],
];

const others: readonly Case[] = [
  [capability('system', '<hardware/>'), 4, 1, "no system UUID supplied for 'n'"],
  [
    capability('system', '<hardware><uuid>1</uuid></hardware>'),
    4,
    11,
    "malformed uuid element for 'n'",
  ],
  [capability('css', '<ssid>0</ssid>', '<devno>1</devno>'), 3, 1, "missing cssid value for 'n'"],
  [
    capability('css', '<cssid>0xff</cssid>', '<ssid>0</ssid>', '<devno>1</devno>'),
    4,
    1,
    "invalid cssid value '0xff' for 'n'",
    'from 0x0 to 0xfe',
  ],
  [
    capability('css', '<cssid>0</cssid>', '<ssid>4</ssid>', '<devno>1</devno>'),
    5,
    1,
    "invalid ssid value '4' for 'n'",
  ],
  [
    capability('css', '<cssid>0</cssid>', '<ssid>0</ssid>', '<devno>10000</devno>'),
    6,
    1,
    "invalid devno value '10000' for 'n'",
  ],
  [capability('ap_card'), 3, 1, "missing ap-adapter value for 'n'"],
  [
    capability('ap_queue', '<ap-adapter>1</ap-adapter>', '<ap-domain>256</ap-domain>'),
    5,
    1,
    "invalid ap-domain value '256' for 'n'",
  ],
  [
    capability('drm', '<type>secondary</type>'),
    4,
    1,
    "unknown drm type 'secondary' for 'n'",
    'Expected primary, control or render.',
  ],
  [
    capability('net', '<interface>e</interface>', "<link state='sideways'/>"),
    5,
    7,
    "Invalid value for attribute 'state' in element 'link': 'sideways'",
  ],
  [
    capability('net', '<interface>e</interface>', '<feature/>'),
    5,
    1,
    'missing network device feature name',
  ],
  [capability('net'), 3, 1, "no network interface supplied for 'n'"],
  [capability('storage', '<block>/dev/a</block>'), 3, 1, "no size supplied for 'n'"],
  [
    capability('storage', '<block>/dev/a</block>', '<size>18446744073709551616</size>'),
    5,
    1,
    "invalid size supplied for 'n'",
  ],
  [capability('storage', '<size>1</size>'), 3, 1, "no block device path supplied for 'n'"],
  [
    capability(
      'storage',
      '<block>/dev/a</block>',
      "<capability type='removable'><media_available>2</media_available><media_size>1</media_size></capability>",
    ),
    5,
    30,
    "Invalid value for element 'media_available': '2'",
    'Expected 0 or 1.',
  ],
  [
    capability(
      'scsi_target',
      '<target>t</target>',
      "<capability type='fc_remote_port'><rport>r</rport></capability>",
    ),
    5,
    1,
    "missing wwpn identifier for 'n'",
  ],
  [
    capability('usb_device', '<bus>1</bus>', '<device>1</device>', '<product/>', '<vendor/>'),
    3,
    1,
    "no USB vendor ID supplied for 'n'",
  ],
  [
    capability('usb_device', '<bus>1</bus>', '<device>1</device>'),
    3,
    1,
    "no USB product ID supplied for 'n'",
  ],
  [
    capability(
      'ccw',
      '<state>asleep</state>',
      '<cssid>0</cssid>',
      '<ssid>0</ssid>',
      '<devno>1</devno>',
    ),
    4,
    1,
    "Invalid value for element 'state': 'asleep'",
    'Expected online or offline.',
  ],
];

describe.each([
  ['pci', pci],
  ['other capabilities', others],
])('%s', (_, cases) => {
  it.each(titled(cases))('$title', ({ test }) => {
    const { found, expected } = compare(test);
    expect(found).toEqual(expected);
  });
});
