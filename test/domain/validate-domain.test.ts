import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NodedevError } from '../../src/errors.ts';
import { parseDomain } from '../../src/domain/parse-domain.ts';
import { validateDomain } from '../../src/domain/validate-domain.ts';
import { activeDevice, definedDevice, domainXml, hostView, mdev, UUID, UUID2 } from './support.ts';

const sample = (name: string) => readFileSync(`samples/domains/${name}.xml`, 'utf8');

const some = (arbitrary: fc.Arbitrary<string>) => fc.oneof(arbitrary, fc.constant(''));

describe('validateDomain', () => {
  test.each<readonly [string, readonly string[]]>([
    ['workstation', []],
    ['two-vgpus', []],
    ['s390', []],
    ['thread', ['7:5 warning hostdev-thread-form']],
    [
      'invalid-vgpus',
      [
        '12:43 warning mdev-managed-ignored',
        '12:74 error display-without-graphics',
        '16:7 error boot-order-with-os-boot',
        '16:7 error mdev-boot-unsupported',
        '17:7 warning alias-ignored',
        '19:60 error ramfb-multiple',
        '19:60 error ramfb-without-display',
        '21:18 error hostdev-duplicate',
        '23:7 error pci-address-duplicate',
        '25:43 error mdev-model-invalid',
        '27:18 error mdev-uuid-invalid',
      ],
    ],
    [
      'invalid-s390',
      [
        '7:60 error display-model',
        '11:16 error mdev-address-type',
        '17:7 error mdev-boot-unsupported',
        '18:7 warning ap-address-ignored',
        '20:5 error ap-multiple',
      ],
    ],
  ])('finds all there is to find in the sample %s', (name, expected) => {
    const found = validateDomain(sample(name)).map(
      ({ location, severity, code }) =>
        `${location?.line ?? 0}:${location?.column ?? 0} ${severity} ${code}`,
    );
    expect(found).toEqual(expected);
  });

  test.each([
    ['<domain>', 'xml-malformed'],
    ['<!DOCTYPE x><domain/>', 'xml-doctype'],
    ['<network/>', 'domain-invalid'],
  ])('reports %s instead of throwing', (text, code) => {
    expect(validateDomain(text, { file: 'x.xml' })).toMatchObject([
      { code, severity: 'error', location: { file: 'x.xml', line: 1 } },
    ]);
  });

  test('says where an inactive device is defined', () => {
    const one = definedDevice();
    const two = [
      definedDevice({ uuid: UUID2 }),
      definedDevice({ uuid: UUID2, parent: '0000:87:00.0', type: 'nvidia-11' }),
    ];
    const host = hostView({ defined: { [UUID]: [one], [UUID2]: two } });
    const found = validateDomain(domainXml(mdev() + mdev({ uuid: UUID2 })), { host });
    expect(found.map(({ message }) => message)).toEqual([
      `mediated device '${UUID}' not found: it is defined under 0000:86:00.0 (nvidia-18), but not active, so that the domain does not start`,
      `mediated device '${UUID2}' not found: it is defined under 0000:86:00.0 (nvidia-18), 0000:87:00.0 (nvidia-11), but active under none`,
    ]);
  });

  test('takes the domain’s other configuration for itself, and a copy with another name for a mistake', () => {
    const uuid = '<uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>';
    const xml = domainXml(mdev()).replace('<name>', `${uuid}<name>`);
    const copy = parseDomain(xml.replace('>vm<', '>copy<'));
    expect(validateDomain(xml, { domains: [parseDomain(xml)] })).toEqual([]);
    expect(validateDomain(xml, { domains: [copy] })).toMatchObject(
      [
        { code: 'domain-uuid-twice', severity: 'error', message: /domain copy has the uuid/ },
        { code: 'mdev-in-two-domains' },
      ].map((issue) => ({ ...issue, message: expect.any(String) })),
    );
  });

  test('NVIDIA vGPUs of one board and series may differ in size', () => {
    const host = hostView({
      active: [
        activeDevice({ typeName: 'NVIDIA A40-48C' }),
        activeDevice({ uuid: UUID2, typeName: 'NVIDIA A40-16C' }),
      ],
    });
    expect(validateDomain(domainXml(mdev() + mdev({ uuid: UUID2 })), { host })).toEqual([]);
  });

  test('two devices that need a group, both in none', () => {
    const host = hostView({
      active: [
        activeDevice({ requiresGroup: true }),
        activeDevice({ requiresGroup: true, uuid: UUID2 }),
      ],
    });
    const found = validateDomain(domainXml(mdev() + mdev({ uuid: UUID2 })), { host });
    expect(found.map(({ code }) => code)).toEqual(['mdev-groups-differ']);
  });

  // Hostdevs that are right but for a few parts, so that much of what is tried is nearly accepted.
  const values = [
    '',
    'x',
    '0',
    '1',
    '-1',
    '0x20',
    '99999999999',
    'on',
    'yes',
    'pci',
    'ccw',
    'mdev',
  ];
  const attribute = (name: string, right: string) =>
    fc
      .oneof(
        { weight: 6, arbitrary: fc.constantFrom(right, undefined) },
        fc.constantFrom(...values),
      )
      .map((value) => (value === undefined ? '' : ` ${name}='${value}'`));
  const element = (name: string, list: readonly (readonly [string, string])[]) =>
    fc
      .tuple(...list.map(([key, right]) => attribute(key, right)))
      .map((written) => `<${name}${written.join('')}/>`);
  const hostdev = fc
    .tuple(
      attribute('mode', 'subsystem'),
      fc.constantFrom(" type='mdev'", " type='mdev'", " type='pci'", ''),
      attribute('model', 'vfio-pci'),
      attribute('managed', 'no'),
      attribute('display', 'off'),
      attribute('ramfb', 'off'),
      fc.constantFrom('<source>', '<source>', "<source type='mdev'>"),
      some(element('address', [['uuid', UUID]])),
      some(fc.constantFrom(`<uuid>${UUID}</uuid>`, '<uuid/>')),
      some(element('boot', [['order', '1']])),
      some(element('alias', [['name', 'ua-x']])),
      some(element('acpi', [['index', '1']])),
      some(
        element('address', [
          ['type', 'pci'],
          ['bus', '0'],
          ['slot', '2'],
          ['multifunction', 'on'],
        ]),
      ),
    )
    .map(([mode, type, model, managed, display, ramfb, source, address, uuid, ...children]) => {
      const attributes = mode + type + model + managed + display + ramfb;
      return `<hostdev${attributes}>${source}${address}${uuid}</source>${children.join('')}</hostdev>`;
    });

  test('answers anything a schema would refuse, and never loses a mediated device', () => {
    fc.assert(
      fc.property(fc.array(hostdev, { maxLength: 2 }), (elements) => {
        const xml = domainXml(elements.join(''));
        const errors = validateDomain(xml).filter(({ severity }) => severity === 'error');
        expect(errors.every(({ location }) => location !== undefined)).toBe(true);
        expect(lostDevices(xml)).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });
});

/** Mediated hostdevs of a domain that was accepted, but whose devices cannot be had from it. */
function lostDevices(xml: string): number {
  try {
    const domain = parseDomain(xml);
    return domain.hostdevs.filter(({ type }) => type === 'mdev').length - domain.mdevs.length;
  } catch (error) {
    if (error instanceof NodedevError) return 0;
    throw error;
  }
}
