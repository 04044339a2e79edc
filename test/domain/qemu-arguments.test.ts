import { describe, expect, test } from 'vitest';
import type { Hostdev } from '../../src/domain/hostdev.ts';
import { parseDomain } from '../../src/domain/parse-domain.ts';
import { qemuDeviceArguments, qemuDomainArguments } from '../../src/domain/qemu-arguments.ts';
import { domainXml, mdev, UUID, UUID2 } from './support.ts';

const vgpu: Hostdev = { uuid: UUID, model: 'vfio-pci' };
const SYSFS = `"sysfsdev":"/sys/bus/mdev/devices/${UUID}"`;
const pci = { kind: 'pci', domain: 0, bus: 0, slot: 2, function: 0 } as const;

describe('qemuDeviceArguments', () => {
  const cases: readonly (readonly [string, Hostdev, string])[] = [
    [
      'no screen unless asked',
      vgpu,
      `{"driver":"vfio-pci","id":"hostdev0",${SYSFS},"display":"off"}`,
    ],
    [
      'ramfb takes the variant without hot-plug',
      { ...vgpu, display: true, ramfb: true },
      `{"driver":"vfio-pci-nohotplug","id":"hostdev0",${SYSFS},"display":"on","ramfb":true}`,
    ],
    [
      'no word of a ramfb that is off',
      { ...vgpu, display: true, ramfb: false },
      `{"driver":"vfio-pci","id":"hostdev0",${SYSFS},"display":"on"}`,
    ],
    [
      'a function other than 0',
      { ...vgpu, address: { ...pci, slot: 0x1f, function: 3 } },
      `{"driver":"vfio-pci","id":"hostdev0",${SYSFS},"display":"off","bus":"pci.0","addr":"0x1f.0x3"}`,
    ],
    [
      'a bridge, function 0 of several, a firmware index',
      { ...vgpu, acpiIndex: 5, address: { ...pci, bus: 12, multifunction: true } },
      `{"driver":"vfio-pci","id":"hostdev0",${SYSFS},"display":"off","bus":"pci.12","multifunction":true,"addr":"0x2","acpi-index":5}`,
    ],
    [
      'a boot order and a channel subsystem address',
      {
        uuid: UUID,
        model: 'vfio-ccw',
        bootOrder: 1,
        address: { kind: 'ccw', cssid: 0xfe, ssid: 1, devno: 0xabc },
      },
      `{"driver":"vfio-ccw","id":"hostdev0",${SYSFS},"bootindex":1,"devno":"fe.1.0abc"}`,
    ],
    [
      'what the firmware boots with',
      { uuid: UUID, model: 'vfio-ccw', bootOrder: 1, loadparm: 'PROD 1' },
      `{"driver":"vfio-ccw","id":"hostdev0",${SYSFS},"bootindex":1,"loadparm":"PROD 1"}`,
    ],
    [
      'no address for vfio-ap',
      { uuid: UUID, model: 'vfio-ap', address: { ...pci, zpci: { uid: 1 } } },
      `{"driver":"vfio-ap","id":"hostdev0",${SYSFS}}`,
    ],
    [
      'the alias as id',
      { ...vgpu, alias: 'ua-x' },
      `{"driver":"vfio-pci","id":"ua-x",${SYSFS},"display":"off"}`,
    ],
    [
      'no alias libvirt drops',
      { ...vgpu, alias: 'x' },
      `{"driver":"vfio-pci","id":"hostdev0",${SYSFS},"display":"off"}`,
    ],
  ];

  test.each(cases)('%s', (_, hostdev, json) => {
    expect(qemuDeviceArguments(hostdev)).toEqual(['-device', json]);
  });

  test('puts the zPCI half of a device of the host first, and gives mediated ones none', () => {
    const address = { ...pci, zpci: { uid: 25, fid: 31 } };
    expect(qemuDeviceArguments({ ...vgpu, address })).toEqual([
      '-device',
      `{"driver":"vfio-pci","id":"hostdev0",${SYSFS},"display":"off","bus":"pci.0","addr":"0x2"}`,
    ]);
    const hostdev = { host: { domain: 0, bus: 0x86, slot: 0, function: 0 }, address };
    expect(qemuDeviceArguments(hostdev, { id: 'hostdev7' }).slice(0, 2)).toEqual([
      '-device',
      '{"driver":"zpci","uid":25,"fid":31,"target":"hostdev7","id":"zpci25"}',
    ]);
  });
});

describe('qemuDomainArguments', () => {
  const bus0 = mdev({ children: "<address type='pci' bus='0' slot='4'/>" });
  const bus1 = mdev({ children: "<address type='pci' bus='1' slot='0'/>" });
  const buses: readonly (readonly [string, string, string])[] = [
    ['an i440fx machine', domainXml(bus0), 'pci.0'],
    [
      'a q35 machine',
      domainXml(bus0).replace("'x86_64'", "'x86_64' machine='pc-q35-9.0'"),
      'pcie.0',
    ],
    [
      'an Arm machine',
      domainXml(bus0, { arch: 'aarch64' }).replace("'aarch64'", "'aarch64' machine='virt'"),
      'pcie.0',
    ],
    [
      'a root that is written',
      domainXml(`<controller type='pci' index='0' model='pcie-root'/>${bus0}`),
      'pcie.0',
    ],
    [
      'a root with an alias',
      domainXml(
        `<controller type='pci' index='0' model='pci-root'><alias name='ua-r'/></controller>${bus0}`,
      ),
      'pci.0',
    ],
    [
      'a port with an alias',
      domainXml(
        `<controller type='pci' index='1' model='pcie-root-port'><alias name='ua-p'/></controller>${bus1}`,
      ),
      'ua-p',
    ],
    [
      'a port',
      domainXml(`<controller type='pci' index='1' model='pcie-root-port'/>${bus1}`),
      'pci.1',
    ],
  ];

  test.each(buses)('calls the bus of %s %s', (_, xml, bus) => {
    expect(qemuDomainArguments(parseDomain(xml))[1]).toContain(`"bus":"${bus}"`);
  });

  test('numbers devices by their place among all hostdevs', () => {
    const usb = "<hostdev type='usb'><source><vendor id='1'/><product id='2'/></source></hostdev>";
    const [, json] = qemuDomainArguments(parseDomain(domainXml(usb + mdev({ uuid: UUID2 }))));
    expect(json).toContain('"id":"hostdev1"');
  });

  test.each([
    [
      'a kept alias has no number',
      [mdev({ children: "<alias name='ua-x'/>" }), mdev({ uuid: UUID2 })],
      ['ua-x', 'hostdev0'],
    ],
    [
      'an alias that is dropped has one',
      [mdev({ children: "<alias name='x'/>" }), mdev({ uuid: UUID2 })],
      ['hostdev0', 'hostdev1'],
    ],
    [
      'an alias of libvirt in a definition is dropped',
      [mdev(), mdev({ uuid: UUID2, children: "<alias name='hostdev7'/>" })],
      ['hostdev0', 'hostdev1'],
    ],
    [
      'a running domain has what it has',
      [mdev({ children: "<alias name='hostdev3'/>" }), mdev({ uuid: UUID2 })],
      ['hostdev3', 'hostdev4'],
    ],
    [
      'interfaces that are host devices come first',
      [
        mdev(),
        "<interface type='hostdev'><source><address type='pci' bus='1'/></source></interface><interface type='user'/>",
      ],
      ['hostdev1'],
    ],
  ])('%s', (what, devices, ids) => {
    const xml = domainXml(devices.join(''));
    const domain = what.startsWith('a running') ? xml.replace('<domain', "<domain id='1'") : xml;
    const printed = qemuDomainArguments(parseDomain(domain));
    expect(printed.flatMap((text) => /"id":"(.*?)"/u.exec(text)?.[1] ?? [])).toEqual(ids);
  });
});

describe('in plain form', () => {
  const address = { kind: 'pci', domain: 0, bus: 0, slot: 5, function: 1 } as const;
  test.each([
    [vgpu, {}, `vfio-pci,id=hostdev0,sysfsdev=/sys/bus/mdev/devices/${UUID},display=off`],
    [
      { ...vgpu, display: true, ramfb: true },
      {},
      `vfio-pci-nohotplug,id=hostdev0,sysfsdev=/sys/bus/mdev/devices/${UUID},display=on,ramfb=on`,
    ],
    [
      { ...vgpu, address },
      { machine: 'q35', properties: { 'x-igd-opregion': 'on', xres: '0x10', y: 'a,b' } },
      `vfio-pci,id=hostdev0,sysfsdev=/sys/bus/mdev/devices/${UUID},display=off,bus=pcie.0,addr=0x5.0x1,x-igd-opregion=on,xres=16,y=a,,b`,
    ],
  ])('%j %j', (hostdev, options, text) => {
    expect(qemuDeviceArguments(hostdev, { form: 'plain', ...options })).toEqual(['-device', text]);
  });

  test("JSON has the properties in their types, and the machine's root bus", () => {
    const properties = { 'x-igd-opregion': 'on', xres: '0x10', y: 'auto' };
    const [, json = ''] = qemuDeviceArguments({ ...vgpu, address }, { machine: 'q35', properties });
    expect(JSON.parse(json)).toMatchObject({
      bus: 'pcie.0',
      'x-igd-opregion': true,
      xres: 16,
      y: 'auto',
    });
  });
});
