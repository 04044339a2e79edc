import { describe, expect, test } from 'vitest';
import { parseDomain } from '../../src/domain/parse-domain.ts';
import { domainXml, mdev, refusal, UUID } from './support.ts';

describe('parseDomain', () => {
  const xml = domainXml(
    `    <disk><boot order='2'/><address type='drive' unit='0'/></disk>
    <graphics type='vnc'/>
    ${mdev({ children: "<alias name='ua-x'/><address type='pci' bus='0' slot='0x0a' function='1'/>" })}
    <hostdev type='pci' managed='yes'><source><address domain='0' bus='0x86' slot='0' function='0'/></source></hostdev>
    <hostdev type='usb'><source><vendor id='0x1234'/><product id='0xbeef'/></source></hostdev>
    <future-device/>`,
    { os: "<boot dev='hd'/>" },
  ).replace('<name>', '<uuid>C7A5FDBD-edaf-9455-926a-d65c16db1809</uuid><name>');
  const domain = parseDomain(xml, { file: 'vm.xml' });

  test('reads what identifies the VM and its machine', () => {
    expect(domain).toMatchObject({
      name: 'vm',
      uuid: 'c7a5fdbd-edaf-9455-926a-d65c16db1809',
      type: 'kvm',
      arch: 'x86_64',
      osBoot: [{ name: 'boot' }],
    });
  });

  test('keeps every device, known or not, in order and with its place', () => {
    expect(domain.devices.map(({ kind }) => kind)).toEqual([
      'disk',
      'graphics',
      'hostdev',
      'hostdev',
      'hostdev',
      'future-device',
    ]);
    expect(domain.devices[0]).toMatchObject({ bootOrder: 2, addressElement: { name: 'address' } });
    expect(domain.devices[1]?.location).toEqual({ file: 'vm.xml', line: 6, column: 5 });
  });

  test('reads host devices of all types', () => {
    expect(domain.hostdevs.map(({ type }) => type)).toEqual(['mdev', 'pci', 'usb']);
    expect(domain.mdevs).toEqual([
      {
        uuid: UUID,
        model: 'vfio-pci',
        alias: 'ua-x',
        address: { kind: 'pci', domain: 0, bus: 0, slot: 10, function: 1 },
      },
    ]);
    expect(domain.hostdevs[1]?.pci).toEqual({
      host: { domain: 0, bus: 0x86, slot: 0, function: 0 },
      managed: true,
    });
  });

  test('does not read a PCI device half: with parts of no meaning here it stays an element', () => {
    const text = domainXml(
      "<hostdev type='pci'><source><address bus='1'/></source><rom file='/x'/></hostdev>",
    );
    expect(parseDomain(text).hostdevs[0]).toMatchObject({ type: 'pci', pci: undefined });
  });

  test('refuses what libvirt would not read, with all its mistakes', () => {
    const text = domainXml(`<hostdev type='mdev'><source/></hostdev>`);
    expect(refusal(() => parseDomain(text, { file: 'vm.xml' }))).toMatchObject({
      code: 'domain-invalid',
      message: "Missing required attribute 'model' in element 'hostdev'",
      location: { file: 'vm.xml', line: 5, column: 1 },
      issues: [{ code: 'mdev-source-address-missing' }],
    });
  });

  test('reads a domain without devices', () => {
    expect(parseDomain('<domain/>')).toMatchObject({ devices: [], hostdevs: [], osBoot: [] });
  });

  test('takes names such as __proto__ for names', () => {
    const text = domainXml(
      "<__proto__><constructor/></__proto__><hostdev type='constructor'><source/></hostdev>",
    );
    expect(() => parseDomain(text)).toThrow(
      "Invalid value for attribute 'type' in element 'hostdev': 'constructor'.",
    );
  });
});
