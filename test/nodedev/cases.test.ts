import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { validateDocument } from '../../src/engine/validate/document.ts';
import { formatNodeDevice } from '../../src/nodedev/format.ts';
import { parseNodeDevice } from '../../src/nodedev/parse.ts';

test('a host for virtual ports that tells no numbers has none, as libvirt before 0.9 printed it', () => {
  const text = readFileSync('test/nodedev/cases/nodedev-vport_ops-empty.xml', 'utf8');
  expect(validateDocument(text)).toEqual([]);
  expect(parseNodeDevice(text).capabilities).toMatchObject([
    { kind: 'scsi_host', capabilities: [{ kind: 'vport_ops', maxVports: 0, vports: 0 }] },
  ]);
});

/** `<device>` with a capability; the libvirt dialect, in one line. */
const printed = (xml: string): string =>
  formatNodeDevice(parseNodeDevice(xml), { dialect: 'libvirt' }).replaceAll(/\n */gu, '');
const device = (capability: string, before = ''): string =>
  `<device><name>n</name>${before}${capability}</device>`;
const DRM = "<capability type='drm'><type>primary</type></capability>";
const group = (content: string): string =>
  device(
    `<capability type='ccwgroup'><state>online</state><cssid>0x0</cssid><ssid>0x0</ssid><devno>0x0001</devno>${content}</capability>`,
  );
const fcHost = (last: string): string =>
  `<capability type='fc_host'><wwnn>200000001234123${last}</wwnn><wwpn>100000001234123${last}</wwpn></capability>`;
const usb = (product: string): string =>
  device(
    `<capability type='usb_device'><bus>1</bus><device>1</device>${product}<vendor id='0x8087'/></capability>`,
  );

/** What libvirt 12.8 reads (its test driver), and prints so. */
test.each([
  ['a driver without a name', device(DRM, '<driver><name/></driver>'), device(DRM)],
  ['an empty driver', device(DRM, '<driver/>'), device(DRM)],
  ['an empty parent', device(DRM, '<parent/>'), device(DRM)],
  ['a group without members', group(''), group('')],
  ['a group with none', group('<members/>'), group('')],
  [
    'two names of one host',
    device(`<capability type='scsi_host'><host>1</host>${fcHost('4')}${fcHost('5')}</capability>`),
    device(`<capability type='scsi_host'><host>1</host>${fcHost('5')}</capability>`),
  ],
  [
    'features twice and in any order',
    device(
      "<capability type='net'><interface>e</interface><feature name='tx'/><feature name='rx'/><feature name='tx'/></capability>",
    ),
    device(
      "<capability type='net'><interface>e</interface><feature name='rx'/><feature name='tx'/></capability>",
    ),
  ],
  [
    'a network card that says a thing twice, and nothing of its link',
    device(
      "<capability type='net'><interface>e</interface><link/><capability type='80211'/><capability type='80211'/></capability>",
    ),
    device(
      "<capability type='net'><interface>e</interface><capability type='80211'/></capability>",
    ),
  ],
  [
    'a USB device without names',
    usb("<product id='0x0024'/>"),
    usb("<product id='0x0024' />").replace("'0x8087'/", "'0x8087' /"),
  ],
  [
    'a USB device with one name',
    usb("<product id='0x0024'>a</product>"),
    usb("<product id='0x0024'>a</product>").replace("'0x8087'/", "'0x8087' /"),
  ],
  [
    'an attribute without a value',
    device(
      "<capability type='mdev'><type id='a'/><iommuGroup number='0'/><attr name='a' value=''/></capability>",
    ),
    device(
      "<capability type='mdev'><type id='a'/><iommuGroup number='0'/><attr name='a' value=''/></capability>",
    ),
  ],
  [
    'several types: one document each',
    device("<capability type='mdev'><type id='a'/><type id='b'/></capability>"),
    ['a', 'b']
      .map((id) =>
        device(`<capability type='mdev'><type id='${id}'/><iommuGroup number='0'/></capability>`),
      )
      .join(''),
  ],
])('%s', (_, text, expected) => {
  expect(validateDocument(text)).toEqual([]);
  expect(printed(text)).toBe(expected);
});

test.each(['', '<card_type/><chpid/>', '<card_type>OSD</card_type>'])(
  'a network card that says %s is read',
  (content) => {
    const text = group(
      `<members><ccw_device ref='cdev0'>c</ccw_device></members><capability type='qeth_generic'>${content}</capability>`,
    );
    expect(validateDocument(text)).toEqual([]);
  },
);

test('the parent of a virtual port may be given by its numbers only', () => {
  const parent = "<parent wwnn='20000000c9831b4b' wwpn='10000000c9831b4b'/>";
  expect(printed(device(DRM, parent))).toBe(device(DRM, parent));
});

test('a feature that libvirt does not know is refused, as by libvirt', () => {
  const text = device(
    "<capability type='net'><interface>e</interface><feature name='bogus'/></capability>",
  );
  expect(validateDocument(text).map(({ message }) => message)).toContain(
    "unknown network device feature 'bogus'",
  );
});

test('attributes of a newer libvirt are kept, and printed back but in its own dialect', () => {
  const text = `<device id='1'>
  <name lang='en'>n</name>
  <devnode type='dev' mode='0600'>/dev/x</devnode>
  <driver since='1'>
    <name>d</name>
  </driver>
  <capability type='net' new='1'>
    <interface x='3'>e</interface>
    <feature name='rx'/>
    <feature name='tx' offload='full'/>
  </capability>
</device>
`;
  const read = parseNodeDevice(text);
  expect(formatNodeDevice(read)).toBe(text);
  expect(formatNodeDevice({ ...read }, { dialect: 'thread' })).toBe(text);
  expect(formatNodeDevice(read, { dialect: 'libvirt' })).toBe(
    text.replaceAll(/ (?:id|lang|mode|since|x|new|offload)='\w+'/gu, ''),
  );
  expect(() => parseNodeDevice(text.replace('<name>d', "<name x='1'>d"))).toThrow(
    "Unexpected attribute 'x' in element 'name'",
  );
});
