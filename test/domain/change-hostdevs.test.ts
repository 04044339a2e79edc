import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Hostdev } from '../../src/domain/hostdev.ts';
import { insertHostdev, removeHostdev } from '../../src/domain/insert-hostdev.ts';
import { replaceHostdev } from '../../src/domain/replace-hostdev.ts';
import { formatHostdev } from '../../src/domain/format-hostdev.ts';
import { parseDomain, parseHostdevs } from '../../src/domain/parse-domain.ts';
import { validateDocument } from '../../src/engine/validate/document.ts';
import { hostdevs } from './arbitrary.ts';
import { domainXml, hostView, mdev, refusal, UUID, UUID2 } from './support.ts';

const vgpu: Hostdev = { uuid: UUID, model: 'vfio-pci' };
const NAMESPACE = 'http://libvirt.org/schemas/domain/qemu/1.0';
const BARE = "<domain type='kvm'>\n  <name>vm</name>\n  <devices>\n  </devices>\n</domain>\n";

describe('a device that is in the domain', () => {
  test('is left, whatever else it has', () => {
    const text = domainXml(mdev({ attributes: "display='off'", children: "<alias name='ua-x'/>" }));
    expect(insertHostdev(text, vgpu)).toBe(text);
    expect(insertHostdev(text, vgpu, { address: 'auto' })).toBe(text);
    expect(insertHostdev(text, { ...vgpu, display: false })).toBe(text);
  });

  test.each<Partial<Hostdev>>([
    { display: true },
    { model: 'vfio-ccw' },
    { alias: 'ua-y' },
    { address: { kind: 'pci', domain: 0, bus: 0, slot: 5, function: 0 } },
  ])('is not made other than it is: %j', (settings) => {
    const error = refusal(() => insertHostdev(domainXml(mdev()), { ...vgpu, ...settings }));
    expect(error.code).toBe('hostdev-duplicate');
    expect(error.message).toBe(
      `mediated device ${UUID} is already in the domain with other settings`,
    );
  });

  test("is left in the thread's form, too", () => {
    const text = domainXml(formatHostdev(vgpu, { dialect: 'thread' }));
    expect(insertHostdev(text, vgpu)).toBe(text);
  });
});

describe('removeHostdev', () => {
  test('undoes insertHostdev but for blanks, whatever the layout', () => {
    const plain = (text: string): string => text.replaceAll(/\s+/gu, '');
    const blank = fc.constantFrom('', ' ', '\n', '\n  ', '\r\n\t', '<!-- x -->\n');
    fc.assert(
      fc.property(blank, blank, hostdevs, (first, last, hostdev) => {
        const text = `<domain>${first}<devices>${first}<disk/>${last}</devices>${last}</domain>`;
        const result = removeHostdev(insertHostdev(text, hostdev), hostdev.uuid);
        expect(plain(result)).toBe(plain(text));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['a device among others on one line', `<a/>${mdev()}<b/>`, '<a/><b/>'],
    ['a device with text behind it', `<a/>\n${mdev()} <!-- x -->`, '<a/>\n <!-- x -->'],
    ['no device that is not there', '<a/>', '<a/>'],
    ['two, with their lines', `<a/>\n  ${mdev()}\n\t${mdev({ uuid: UUID2 })}\n<b/>`, '<a/>\n<b/>'],
  ])('removes %s', (_, before, after) => {
    expect(removeHostdev(domainXml(before), [UUID, UUID2])).toBe(domainXml(after));
  });

  test('refuses what is no domain', () => {
    expect(refusal(() => removeHostdev('<network/>', UUID)).code).toBe('domain-invalid');
  });
});

describe('replaceHostdev', () => {
  const settings = "<!-- mine --><alias name='ua-x'/><rom bar='off'/>";

  test('changes the uuid and nothing else', () => {
    const text = domainXml(mdev({ attributes: "display='on'", children: settings }));
    expect(replaceHostdev(text, UUID, { ...vgpu, uuid: UUID2 })).toBe(text.replace(UUID, UUID2));
  });

  test('changes the model where it is another one', () => {
    const text = domainXml(mdev({ children: settings }));
    expect(replaceHostdev(text, UUID, { uuid: UUID2, model: 'vfio-ap' })).toBe(
      text.replace(UUID, UUID2).replace("model='vfio-pci'", "model='vfio-ap'"),
    );
  });

  test("keeps the thread's form, and writes a uuid for a name", () => {
    const thread = (source: string): string =>
      domainXml(`<hostdev type='pci'><source type='mdev'>${source}</source></hostdev>`);
    const named = thread(`<name>mdev_${UUID.replaceAll('-', '_')}</name>`);
    for (const text of [thread(`<uuid>${UUID}</uuid>`), named]) {
      expect(replaceHostdev(text, UUID, { ...vgpu, uuid: UUID2 })).toBe(
        thread(`<uuid>${UUID2}</uuid>`),
      );
    }
  });

  describe('with functions', () => {
    const place = (slot: number) => ({ domain: 0, bus: 0x42, slot: 0, function: slot });
    const given = (slot: number, { before = '', driver = '' } = {}): string =>
      `<hostdev mode='subsystem' type='pci'${before} managed='no'>${driver}<source><address domain='0x0000' bus='0x42' slot='0x00' function='0x${slot}'/></source>${settings}</hostdev>`;
    const there = { functions: { '0000:42:00.4': UUID } };

    test('a function takes the place of another, with its settings', () => {
      const text = domainXml(given(4, { driver: "<driver name='vfio' iommufd='yes'/>" }));
      const after = replaceHostdev(text, UUID, { uuid: UUID2, function: place(5) }, there);
      expect(after).toBe(text.replace("function='0x4'", "function='0x5'"));
    });

    test('a function takes the place of a mediated device, and the other way round', () => {
      const mediated = domainXml(mdev({ children: settings }));
      const function4 = domainXml(given(4));
      const there4 = replaceHostdev(mediated, UUID, { uuid: UUID2, function: place(4) });
      expect(there4).toBe(function4);
      const back = replaceHostdev(
        function4,
        UUID2,
        { ...vgpu, uuid: UUID },
        {
          functions: { '0000:42:00.4': UUID2 },
        },
      );
      expect(parseDomain(back).mdevs).toEqual(parseDomain(mediated).mdevs);
    });

    test('what only PCI devices have goes', () => {
      const text = domainXml(given(4, { driver: "<driver iommufd='yes'/>" }));
      const after = replaceHostdev(text, UUID, { ...vgpu, uuid: UUID2 }, there);
      expect(after).not.toMatch(/driver|managed|bus=/u);
      expect(after).toContain(`type='mdev' model='vfio-pci'><source><address uuid='${UUID2}'/>`);
    });

    test('the same function has nothing to change, with whatever type', () => {
      const text = domainXml(given(4));
      expect(replaceHostdev(text, UUID, { uuid: UUID2, function: place(4) }, there)).toBe(text);
    });

    test("the thread's form has none", () => {
      const text = domainXml(formatHostdev(vgpu, { dialect: 'thread' }));
      const error = refusal(() => replaceHostdev(text, UUID, { uuid: UUID2, function: place(4) }));
      expect(error.code).toBe('hostdev-unsupported');
    });
  });

  test('has nothing to do the second time', () => {
    const text = domainXml(mdev({ uuid: UUID2 }));
    expect(replaceHostdev(text, UUID, { ...vgpu, uuid: UUID2 })).toBe(text);
    expect(replaceHostdev(text, UUID2, { ...vgpu, uuid: UUID2 })).toBe(text);
  });

  test.each([
    ['a device that is not there', '<a/>', 'device-unknown'],
    ['a device that is there beside it', mdev() + mdev({ uuid: UUID2 }), 'hostdev-duplicate'],
    ['a device that is there twice', mdev() + mdev(), 'hostdev-duplicate'],
  ])('refuses %s', (_, devices, code) => {
    const error = refusal(() => replaceHostdev(domainXml(devices), UUID, { ...vgpu, uuid: UUID2 }));
    expect(error.code).toBe(code);
  });
});

describe('<qemu:override>', () => {
  const properties = { 'x-igd-opregion': 'on' };
  const alias = `ua-${UUID}`;
  const override = `  <qemu:override>
    <qemu:device alias='${alias}'>
      <qemu:frontend>
        <qemu:property name='x-igd-opregion' type='bool' value='true'/>
      </qemu:frontend>
    </qemu:device>
  </qemu:override>
`;

  test('is written with its namespace and an alias, once', () => {
    const text = insertHostdev(BARE, vgpu, { properties });
    expect(text).toContain(`<domain type='kvm' xmlns:qemu='${NAMESPACE}'>\n`);
    expect(text).toContain(`</devices>\n${override}</domain>\n`);
    expect(parseDomain(text).mdevs).toEqual([{ ...vgpu, alias }]);
    expect(insertHostdev(text, vgpu, { properties })).toBe(text);
    expect(validateDocument(text).filter(({ code }) => code !== 'schema-element-missing')).toEqual(
      [],
    );
  });

  test.each([
    ['on', 'bool', 'true'],
    ['off', 'bool', 'false'],
    ['4', 'unsigned', '4'],
    ['0x10de', 'unsigned', '4318'],
    ['-4', 'signed', '-4'],
    ['auto', 'string', 'auto'],
    ['a&b', 'string', 'a&amp;b'],
  ])('writes %s with its type', (value, type, written) => {
    expect(insertHostdev(BARE, vgpu, { properties: { x: value } })).toContain(
      `<qemu:property name='x' type='${type}' value='${written}'/>`,
    );
  });

  test('writes on and off of a property with a third value as text', () => {
    expect(insertHostdev(BARE, vgpu, { properties: { 'enable-migration': 'on' } })).toContain(
      "<qemu:property name='enable-migration' type='string' value='on'/>",
    );
  });

  test('keeps what others wrote, and the prefix of the file', () => {
    const other =
      "  <q:override>\n    <q:device alias='ua-other'><q:frontend><q:property name='a' type='remove'/></q:frontend></q:device>\n  </q:override>\n";
    const before = BARE.replace('>', ` xmlns:q='${NAMESPACE}'>`).replace(
      '</domain>',
      `${other}</domain>`,
    );
    const after = insertHostdev(before, vgpu, { properties });
    expect(after).toContain("<q:device alias='ua-other'><q:frontend>");
    expect(after).toContain(`    <q:device alias='${alias}'>\n      <q:frontend>\n`);
    expect(after).not.toContain('xmlns:qemu');
    expect(removeHostdev(after, UUID)).toBe(before);
  });

  test('adds to the properties of the device, and changes those that are there', () => {
    const once = insertHostdev(BARE, vgpu, { properties: { ...properties, xres: '1' } });
    const twice = insertHostdev(once, vgpu, { properties: { xres: '2' } });
    expect(twice.match(/<qemu:property .*>/gu)).toEqual([
      "<qemu:property name='x-igd-opregion' type='bool' value='true'/>",
      "<qemu:property name='xres' type='unsigned' value='2'/>",
    ]);
  });

  test('goes with its device, and no empty one is left', () => {
    const text = insertHostdev(BARE, vgpu, { properties });
    expect(removeHostdev(text, UUID)).toBe(
      BARE.replace("'kvm'", `'kvm' xmlns:qemu='${NAMESPACE}'`),
    );
  });

  test('is not written where the prefix is another namespace', () => {
    const text = BARE.replace('>', " xmlns:qemu='urn:x'>");
    expect(refusal(() => insertHostdev(text, vgpu, { properties })).code).toBe('domain-invalid');
  });
});

describe("the thread's form", () => {
  test("becomes valid XML of libvirt's, with a model", () => {
    const thread = formatHostdev(vgpu, { dialect: 'thread' });
    const [hostdev = vgpu] = parseHostdevs(thread);
    expect(formatHostdev(hostdev)).toBe(formatHostdev(vgpu));
    expect(validateDocument(formatHostdev(hostdev))).toEqual([]);
  });

  const named = (name: string): string =>
    `<hostdev mode='subsystem' type='pci'><source type='mdev'><name>${name}</name></source></hostdev>`;

  test.each([
    `mdev_${UUID.replaceAll('-', '_')}_0000_86_00_0`,
    `mdev_${UUID.replaceAll('-', '_')}`,
    UUID,
    'my-vgpu',
  ])('may name the device: %s', (name) => {
    const uuidOf = (asked: string) => (asked === 'my-vgpu' ? UUID : undefined);
    expect(parseHostdevs(named(name), { uuidOf })).toEqual([{ uuid: UUID }]);
  });

  test('does not name one that nobody knows', () => {
    const error = refusal(() => parseHostdevs(named('my-vgpu')));
    expect(error).toMatchObject({
      code: 'domain-invalid',
      message: "no uuid is known for the name 'my-vgpu'",
    });
  });

  test('that names a device is valid where the host knows it', () => {
    const codes = (host?: Parameters<typeof validateDocument>[1]): readonly string[] =>
      validateDocument(named('my-vgpu'), host).map(({ code }) => code);
    const host = { ...hostView(), uuidOf: () => UUID };
    expect(codes()).toEqual(['hostdev-thread-form', 'mdev-uuid-invalid']);
    expect(codes({ host })).toEqual(['hostdev-thread-form', 'mdev-not-active']);
  });
});
