import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Dialect } from '../../src/nodedev/device.ts';
import { formatNodeDevice } from '../../src/nodedev/format.ts';
import { parseNodeDevices } from '../../src/nodedev/parse.ts';
import { loadSchemaFile } from '../../src/relaxng/schema-file.ts';
import { readXml } from '../../src/xml/read.ts';

const nodedev = loadSchemaFile('schemas/nodedev.rng');
const domain = loadSchemaFile('schemas/domain.rng');
const host = loadSchemaFile('schemas/host.rng');
const fleet = loadSchemaFile('schemas/fleet.rng');
const OUR_FLEET = 'samples/fleets/fleet.xml';

function xmlFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.xml'))
    .map((name) => join(folder, name));
}

function findings(schema: typeof nodedev, xml: string | Uint8Array): readonly string[] {
  return schema
    .validate(readXml(xml).root)
    .map(({ location, message }) => `${location?.line}:${location?.column} ${message}`);
}

const ourDevices = ['samples', 'samples/fleets', 'test/nodedev/documents']
  .flatMap(xmlFiles)
  .filter((file) => file !== OUR_FLEET);

const mdev = (children: string): string =>
  `<device><parent>p</parent><capability type='mdev'>${children}</capability></device>`;

const hostdev = (attributes: string, children: string): string =>
  `<domain type='kvm'><devices><hostdev ${attributes}>${children}</hostdev></devices></domain>`;

const card = (driver: string, settings: string): string =>
  `<host><name>a</name><card driver='${driver}' types='t'>${settings}<device><capability type='mdev_types'/></device></card></host>`;

test('fleet.rng', () => {
  expect(findings(fleet, readFileSync(OUR_FLEET))).toEqual([]);
  expect(findings(fleet, '<fleet><host name="a"/></fleet>')).toHaveLength(1);
});

describe('nodedev.rng', () => {
  test.each(ourDevices)('%s', (file) => {
    expect(findings(nodedev, readFileSync(file))).toEqual([]);
  });

  const dialects: readonly Dialect[] = ['libvirt', 'thread', 'extended'];
  test.each(dialects)('what is printed in the %s dialect is valid', (dialect) => {
    // The proposal shows no device API of a parent's types, which libvirt's form cannot be without.
    const files = ourDevices.filter(
      (file) => dialect !== 'libvirt' || !file.endsWith('parent-thread.xml'),
    );
    const printed = files
      .flatMap((file) => parseNodeDevices(readFileSync(file), { file }))
      .flatMap((device) => formatNodeDevice(device, { dialect }).split(/(?<=^<\/device>\n)/mu));
    expect(printed.length).toBeGreaterThan(10);
    expect(printed.flatMap((xml) => findings(nodedev, xml))).toEqual([]);
  });

  test.each([
    [
      'a device without capabilities',
      '<device><name>a</name></device>',
      ['1:1 <device> is missing <capability>'],
    ],
    [
      'a misspelt capability',
      "<device><capability type='mdve'><type id='1'/></capability></device>",
      [
        "1:21 bad value 'mdve' for attribute 'type' of <capability>: expected mdev, mdev_types, pci, css, ap_matrix, system, usb_device, usb, net, scsi_host, scsi_target, scsi or 9 others",
      ],
    ],
    [
      'no type',
      mdev('<uuid>b10f0c9a-2f5e-4c56-9d7c-3f4f8f1a7f10</uuid>'),
      ["1:27 <capability type='mdev'> is missing <type>"],
    ],
    ['a type without id', mdev('<type/>'), ['1:51 <type> is missing <attribute>']],
    [
      'a bad uuid',
      mdev("<type id='1'/><uuid>zz</uuid>"),
      [
        "1:71 bad content 'zz' in <uuid>: expected a UUID (32 hexadecimal digits, as 8-4-4-4-12 or without hyphens)",
      ],
    ],
    [
      'two uuids',
      mdev(`<type id='1'/>${'<uuid>b10f0c9a2f5e4c569d7c3f4f8f1a7f10</uuid>'.repeat(2)}`),
      ["1:110 <uuid> can only be there once in <capability type='mdev'>"],
    ],
    [
      'an attr without value',
      mdev("<type id='1'/><attr name='a'/>"),
      ["1:65 <attr> is missing attribute 'value'"],
    ],
    [
      'a bad group number',
      mdev("<type id='1'/><iommuGroup number='x'/>"),
      [
        "1:77 bad value 'x' for attribute 'number' of <iommuGroup>: expected a whole number of at most 32 bits",
      ],
    ],
    [
      'half of a parent by names',
      "<device><parent wwnn='2000f4e9d4eb02c9'/><capability type='net'><interface>a</interface></capability></device>",
      ["1:9 <parent> is missing attribute 'wwpn'"],
    ],
    [
      'a storage without size',
      "<device><capability type='storage'><block>/dev/a</block></capability></device>",
      ["1:9 <capability type='storage'> is missing <size> or <capability>"],
    ],
    [
      'text between elements',
      "<device>text<capability type='ap_matrix'/></device>",
      ["1:9 text 'text' is not allowed in <device>"],
    ],
  ])('refuses %s', (_, xml, expected) => {
    expect(findings(nodedev, xml)).toEqual(expected);
  });
});

describe('domain.rng', () => {
  const valid = xmlFiles('samples/domains').filter((file) => !file.includes('invalid'));
  test.each(valid)('%s', (file) => {
    expect(findings(domain, readFileSync(file))).toEqual([]);
  });

  const uuid = 'b10f0c9a-2f5e-4c56-9d7c-3f4f8f1a7f10';
  const source = `<source><address uuid='${uuid}'/></source>`;

  test.each([
    ['mdev', "type='mdev' model='vfio-pci'", source],
    [
      'mdev with everything',
      "mode='subsystem' type='mdev' managed='no' model='vfio-pci' display='on' ramfb='on'",
      `<boot order='1'/><alias name='ua-x'/>${source}<rom bar='off' file='/a'/><acpi index='3'/><address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0' multifunction='on'><zpci uid='0x0001' fid='0x00000000'/></address>`,
    ],
    [
      'the proposal',
      "mode='subsystem' type='pci'",
      `<source type='mdev'><uuid>${uuid}</uuid></source>`,
    ],
    [
      'pci',
      "mode='subsystem' type='pci' managed='yes'",
      "<driver name='vfio' iommufd='yes'/><source startupPolicy='optional' writeFiltering='no'><address domain='0' bus='0x06' slot='25' function='1'/></source><teaming type='transient' persistent='ua-n'/>",
    ],
    [
      'usb by ids',
      "type='usb'",
      "<source startupPolicy='mandatory' guestReset='off'><product id='0xbeef'/><vendor id='0x1234'/></source><address type='usb' bus='0' port='1.2'/>",
    ],
    ['usb by address', "type='usb'", "<source><address bus='014' device='0x6'/></source>"],
    [
      'scsi',
      "type='scsi' sgio='unfiltered' rawio='yes'",
      "<source><adapter name='scsi_host0'/><address bus='0' target='0' unit='0'/></source><readonly/><shareable/><address type='drive' controller='0' bus='0' target='4' unit='8'/>",
    ],
    [
      'iscsi',
      "type='scsi'",
      "<source protocol='iscsi' name='iqn.a/1'><host name='h' port='3260'/><auth username='u'><secret type='iscsi' usage='x'/></auth><initiator><iqn name='iqn.b'/></initiator></source>",
    ],
    [
      'scsi_host',
      "type='scsi_host' model='virtio'",
      "<source protocol='vhost' wwpn='naa.5123456789abcde0'/>",
    ],
    ['storage', "mode='capabilities' type='storage'", '<source><block>/dev/sdf1</block></source>'],
    ['misc', "mode='capabilities' type='misc'", '<source><char>/dev/input/event3</char></source>'],
    [
      'net',
      "mode='capabilities' type='net'",
      "<source><interface>eth0</interface></source><ip address='1.2.3.4' prefix='8'/>",
    ],
    [
      'ccw',
      "type='mdev' model='vfio-ccw'",
      `${source}<boot order='1' loadparm='2'/><address type='ccw' cssid='0xfe' ssid='0x0' devno='0x0001'/>`,
    ],
    [
      'an address no host device can have',
      "type='mdev' model='vfio-ap'",
      `${source}<address type='spapr-vio' reg='0x1000'/>`,
    ],
  ])('%s is valid', (_, attributes, children) => {
    expect(findings(domain, hostdev(attributes, children))).toEqual([]);
  });

  test.each([
    [
      'a misspelt address',
      "type='mdev' model='vfio-pci'",
      `<source><adress uuid='${uuid}'/></source>`,
      ['1:75 <adress> is not allowed in <source>'],
    ],
    [
      'a wrong model',
      "type='mdev' model='vfio-pcx'",
      source,
      [
        "1:50 bad value 'vfio-pcx' for attribute 'model' of <hostdev type='mdev'>: expected vfio-pci, vfio-ccw or vfio-ap",
      ],
    ],
    [
      'no model',
      "type='mdev'",
      source,
      ["1:29 <hostdev type='mdev'> is missing attribute 'model'"],
    ],
    [
      'no type',
      "model='vfio-pci'",
      source,
      ["1:29 <hostdev model='vfio-pci'> is missing attribute 'type'"],
    ],
    [
      'no source',
      "type='mdev' model='vfio-ap'",
      '',
      ["1:29 <hostdev type='mdev'> is missing <source>"],
    ],
    [
      'a driver on an mdev',
      "type='mdev' model='vfio-pci'",
      `<driver name='vfio'/>${source}`,
      ["1:67 <driver> is not allowed in <hostdev type='mdev'>"],
    ],
    [
      'an order of 0',
      "type='mdev' model='vfio-ccw'",
      `${source}<boot order='0'/>`,
      ["1:144 bad value '0' for attribute 'order' of <boot>: expected a whole number, 1 or more"],
    ],
    [
      'half an address',
      "type='mdev' model='vfio-ccw'",
      `${source}<address type='ccw' cssid='0xfe'/>`,
      [
        "1:138 <address type='ccw'> is missing attribute 'ssid'",
        "1:138 <address type='ccw'> is missing attribute 'devno'",
      ],
    ],
  ])('%s is refused', (_, attributes, children, expected) => {
    expect(findings(domain, hostdev(attributes, children))).toEqual(expected);
  });

  test('everything else is open', () => {
    const xml = `<domain type='kvm' id='1' xmlns:q='urn:q'><name>a</name><q:x><y z='1'/>t</q:x><devices><emulator>/x</emulator>
      <disk type='file'><source file='/a'/></disk><graphics type='spice' autoport='yes'><listen type='none'/></graphics>
      <video><model type='qxl' heads='1'><acceleration accel3d='no'/></model><alias name='v'/></video></devices></domain>`;
    expect(findings(domain, xml)).toEqual([]);
  });
});

describe('host.rng', () => {
  test.each(xmlFiles('samples/hosts'))('%s', (file) => {
    expect(findings(host, readFileSync(file))).toEqual([]);
  });

  test.each([
    [
      'a setting without value',
      card('x', "<setting name='a'/>"),
      ["1:48 <setting> is missing attribute 'value'"],
    ],
    [
      'a card without devices',
      "<host><name>a</name><card driver='mtty' types='t'/></host>",
      ['1:21 <card> is missing <device>'],
    ],
    [
      'an attribute of a type without value',
      "<host><name>a</name><types name='t'><type id='x-1'><deviceAPI>vfio-pci</deviceAPI><attr name='a'/></type></types></host>",
      ["1:83 <attr> is missing attribute 'value'"],
    ],
    ['no name', '<host/>', ['1:1 <host> is missing <name>']],
  ])('refuses %s', (_, xml, expected) => {
    expect(findings(host, xml)).toEqual(expected);
  });
});
