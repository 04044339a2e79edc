import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatHostdev } from '../../src/domain/format-hostdev.ts';
import { parseHostdevs } from '../../src/domain/parse-domain.ts';
import { hostdevs } from './arbitrary.ts';
import { refusal, UUID } from './support.ts';

describe('formatHostdev', () => {
  test('prints attributes and children in libvirt’s order', () => {
    expect(
      formatHostdev({
        uuid: UUID,
        model: 'vfio-pci',
        managed: false,
        display: true,
        ramfb: true,
        bootOrder: 2,
        alias: 'ua-vgpu',
        acpiIndex: 7,
        address: {
          kind: 'pci',
          domain: 0,
          bus: 1,
          slot: 0x1f,
          function: 2,
          multifunction: true,
          zpci: { uid: 0x19, fid: 0x1f },
        },
      }),
    ).toBe(`<hostdev mode='subsystem' type='mdev' managed='no' model='vfio-pci' display='on' ramfb='on'>
  <source>
    <address uuid='${UUID}'/>
  </source>
  <boot order='2'/>
  <alias name='ua-vgpu'/>
  <acpi index='7'/>
  <address type='pci' domain='0x0000' bus='0x01' slot='0x1f' function='0x2' multifunction='on'>
    <zpci uid='0x0019' fid='0x0000001f'/>
  </address>
</hostdev>
`);
  });

  test('prints a channel subsystem address', () => {
    const address = { kind: 'ccw', cssid: 0xfe, ssid: 0, devno: 1 } as const;
    expect(formatHostdev({ uuid: UUID, model: 'vfio-ccw', address })).toContain(
      "<address type='ccw' cssid='0xfe' ssid='0x0' devno='0x0001'/>",
    );
  });

  test("prints the thread's form", () => {
    expect(
      formatHostdev({ uuid: UUID, model: 'vfio-pci' }, { dialect: 'thread' }),
    ).toBe(`<hostdev mode='subsystem' type='pci'>
  <source type='mdev'>
    <uuid>${UUID}</uuid>
  </source>
</hostdev>
`);
  });

  test("refuses the thread's form where it would make a PCI device of another", () => {
    const device = { uuid: UUID, model: 'vfio-ap' } as const;
    expect(refusal(() => formatHostdev(device, { dialect: 'thread' }))).toMatchObject({
      code: 'hostdev-unsupported',
    });
  });

  test('is read back as the same hostdev', () => {
    fc.assert(
      fc.property(hostdevs, (hostdev) => {
        expect(parseHostdevs(formatHostdev(hostdev))).toEqual([hostdev]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('parseHostdevs', () => {
  test("reads the thread's form, which has no model", () => {
    const text = `<hostdev mode='subsystem' type='pci'><source type='mdev'><uuid>${UUID}</uuid></source></hostdev>`;
    expect(parseHostdevs(text)).toEqual([{ uuid: UUID }]);
  });

  test('keeps children it gives no meaning to, and prints them back', () => {
    const text = formatHostdev({ uuid: UUID, model: 'vfio-pci', alias: 'ua-x' }).replace(
      '</hostdev>',
      "  <rom bar='off'/>\n</hostdev>",
    );
    const [hostdev] = parseHostdevs(text);
    expect(hostdev?.extra?.map(({ name }) => name)).toEqual(['rom']);
    expect(hostdev && formatHostdev(hostdev)).toBe(text);
  });

  test.each([
    ['<disk/>', 'domain-invalid', '<disk> is not a domain'],
    ['<hostdev', 'xml-malformed', ''],
    [
      "<hostdev type='mdev' model='vfio-pci'><source/></hostdev>",
      'domain-invalid',
      'Missing <address> element',
    ],
  ])('refuses %s', (text, code, message) => {
    const error = refusal(() => parseHostdevs(text));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });
});
