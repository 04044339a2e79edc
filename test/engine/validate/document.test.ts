import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { validateDocument, validateNodeDevice } from '../../../src/engine/validate/document.ts';
import { validateDocuments } from '../../../src/engine/validate/documents.ts';
import { validationRules } from '../../../src/engine/validate/rules.ts';
import { NodedevError } from '../../../src/errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';

/** A domain whose only device stands in line 2. */
const domain = (device: string): string =>
  `<domain type='kvm'><name>vm</name><devices>\n${device}\n</devices></domain>`;
const source = `<source><address uuid='${UUID}'/></source>`;

/** A mediated device whose capability's content stands in line 2. */
const mdev = (content: string): string =>
  `<device><parent>p</parent><capability type='mdev'>\n${content}\n</capability></device>`;

const profile = (content: string): string => `<host><name>h</name>\n${content}\n</host>`;

/** `line:column code`, of warnings with a `?`. */
function found(text: string, schema?: string): readonly string[] {
  const issues =
    schema === undefined
      ? validateDocument(text)
      : (validateDocuments(text, { schema })[0]?.issues ?? []);
  return issues.map(
    ({ code, severity, location }) =>
      `${location?.line ?? 0}:${location?.column ?? 0} ${code}${severity === 'warning' ? '?' : ''}`,
  );
}

type Case = readonly [what: string, text: string, issues: readonly string[]];

describe('comments', () => {
  const ramfb = (comment: string): string =>
    `${comment}\n${domain(`<hostdev type='mdev' model='vfio-pci' ramfb='on' managed='yes'>${source}</hostdev>`)}`;

  it.each<Case>([
    ['none', ramfb(''), ['3:39 ramfb-without-display', '3:50 mdev-managed-ignored?']],
    [
      'one code',
      ramfb('<!--virt-nodedev:ignore mdev-managed-ignored-->'),
      ['3:39 ramfb-without-display'],
    ],
    [
      'two',
      ramfb('<!-- virt-nodedev: ignore mdev-managed-ignored,\tramfb-without-display -->'),
      [],
    ],
    [
      'of other programs, and no comments',
      ramfb(
        '<!-- ignore ramfb-without-display --><?x <!-- virt-nodedev: ignore ramfb-without-display -->?>',
      ),
      ['3:39 ramfb-without-display', '3:50 mdev-managed-ignored?'],
    ],
    [
      'inside',
      domain(`<!-- virt-nodedev: ignore hostdev-type-missing --><hostdev>${source}</hostdev>`),
      [],
    ],
    [
      'an unknown code',
      ramfb('<!-- virt-nodedev: ignore ramfb mdev-managed-ignored -->'),
      ['1:1 ignore-unknown?', '3:39 ramfb-without-display'],
    ],
    [
      'no code',
      '<!-- virt-nodedev: ignore -->\n' + mdev("<type id='a'/>"),
      ['1:1 ignore-unknown?'],
    ],
    [
      'another word',
      ' <!-- virt-nodedev: ingore xml-malformed -->\n' + mdev("<type id='a'/>"),
      ['1:2 ignore-unknown?'],
    ],
    ['in what is no XML', '<!-- virt-nodedev: ignore xml-malformed --><device>', []],
  ])('%s', (_, text, issues) => {
    expect(found(text)).toEqual(issues);
  });

  it('says which code was meant', () => {
    const [issue] = validateDocument(ramfb('<!-- virt-nodedev: ignore ramfb-multipel -->'));
    expect(issue?.hint).toBe('did you mean ramfb-multiple?');
  });
});

describe('validateDocument', () => {
  it.each<Case>([
    ['no XML', '<domain>', ['1:9 xml-malformed']],
    ['a DOCTYPE', '<!DOCTYPE domain><domain/>', ['1:1 xml-doctype']],
    ['another document', '<network/>', ['1:1 document-unknown']],
    ['a name like those of objects', '<constructor/>', ['1:1 document-unknown']],
    ['a good domain', domain(`<hostdev type='mdev' model='vfio-pci'>${source}</hostdev>`), []],
    ['a good device', mdev("<type id='nvidia-11'/>"), []],
    ['several', `<devices>${mdev("<type id='a'/>")}${mdev("<type id='b'/>")}</devices>`, []],
    ['a good profile', readFileSync('samples/hosts/mixed.xml', 'utf8'), []],
  ])('%s', (_, text, issues) => {
    expect(found(text)).toEqual(issues);
  });

  it.each<Case>([
    // The same element or attribute is wrong: the rule's words.
    [
      'a value',
      domain(`<hostdev type='mdev' model='vfio-x'>${source}</hostdev>`),
      ['2:22 mdev-model-invalid'],
    ],
    [
      'an attribute for others',
      domain(`<hostdev type='mdev' model='vfio-pci' rawio='yes'>${source}</hostdev>`),
      ['2:39 scsi-attribute-not-scsi'],
    ],
    [
      'an element libvirt reads over',
      domain(`<hostdev type='mdev' model='vfio-pci'>${source}<driver name='vfio'/></hostdev>`),
      ['2:110 mdev-driver-ignored?'],
    ],
    [
      'a second source',
      domain(`<hostdev type='mdev' model='vfio-pci'>${source}${source}</hostdev>`),
      ['2:110 hostdev-source-repeated?'],
    ],
    [
      'a number out of range for the rule of QEMU',
      domain(
        `<hostdev type='mdev' model='vfio-pci'>${source}<address type='pci'><zpci uid='0x10000'/></address></hostdev>`,
      ),
      ['2:136 zpci-uid-range'],
    ],
    ['text for an element', mdev("<type id='a'/><uuid>zz</uuid>"), ['2:15 nodedev-invalid']],
    [
      'text between elements',
      `<device>text<capability type='drm'><type>render</type></capability></device>`,
      ['1:1 nodedev-invalid'],
    ],
    // A reader speaks of an element: its values and missing parts.
    [
      'a missing attribute',
      domain(`<hostdev type='mdev'>${source}</hostdev>`),
      ['2:1 mdev-model-missing'],
    ],
    [
      'a missing element',
      domain("<hostdev type='mdev' model='vfio-pci'/>"),
      ['2:1 hostdev-source-missing'],
    ],
    [
      'an address as a whole',
      domain(
        `<hostdev type='mdev' model='vfio-pci'>${source}<address type='pci' bus='0' slot='0x20' function='0'/></hostdev>`,
      ),
      ['2:110 pci-address-range'],
    ],
    [
      'a capability in the wrong place',
      "<device><capability type='vpd'/></device>",
      ['1:9 nodedev-invalid'],
    ],
    ['nothing', '<device/>', ['1:1 nodedev-invalid']],
    ['two things missing, one sentence', mdev("<type id='a'/><attr/>"), ['2:15 nodedev-invalid']],
    [
      'a missing attribute that a rule asks for, not a reader',
      domain(
        "<hostdev type='pci'><source><address bus='1'/></source>\n<teaming type='transient'/></hostdev>",
      ),
      ['3:1 hostdev-teaming'],
    ],
    [
      'a sentence that fits two missing parts',
      mdev('<type/><attr/>'),
      ['2:1 nodedev-invalid', '2:8 nodedev-invalid'],
    ],
    // Something missing, because something else was written for it: the schema's words.
    [
      'a misspelt attribute',
      domain(`<hostdev type='mdev' modle='vfio-pci'>${source}</hostdev>`),
      ['2:22 schema-attribute-unexpected'],
    ],
    [
      'a misspelt element',
      domain(
        `<hostdev type='mdev' model='vfio-pci'>${source.replaceAll('source', 'sorce')}</hostdev>`,
      ),
      ['2:39 schema-element-unexpected'],
    ],
    ['a misspelt type', mdev("<typ id='a'/>"), ['2:1 schema-element-unexpected']],
    // Only one of both sees it.
    ['only the schema', mdev("<type id='a'/><foo/>"), ['2:15 schema-element-unexpected']],
    [
      'only a rule',
      domain(`<hostdev type='mdev' model='vfio-pci' managed='yes'>${source}</hostdev>`),
      ['2:39 mdev-managed-ignored?'],
    ],
    [
      'a missing part beside a warning about the same element',
      domain(`<hostdev type='mdev' model='vfio-ap'>${source}<address slot='1'/></hostdev>`),
      ['2:109 address-type-invalid', '2:109 ap-address-ignored?'],
    ],
    [
      'a rule about an element with something unexpected in it',
      domain(`<hostdev type='mdev' model='vfio-pci'>${source}<foo/></hostdev>`).replace(
        'kvm',
        'lxc',
      ),
      ['2:1 domain-type-without-mdev', '2:110 schema-element-unexpected'],
    ],
    // Profiles: the schema first, then what no schema can say.
    ['a profile’s schema', profile("<types name='t'/>"), ['2:1 schema-element-missing']],
    [
      'a profile’s drivers and settings',
      profile(
        "<card driver='i915' types='t'><setting name='aperture' value='x'/><setting name='sriov' value='yes'/></card><card driver='i195' types='t'/>",
      ),
      [
        '2:1 schema-element-missing',
        '2:56 profile-invalid',
        '2:76 profile-invalid',
        '2:109 schema-element-missing',
        '2:115 profile-invalid',
      ],
    ],
    [
      'a profile’s sense',
      profile(
        "<device><name>a</name><capability type='drm'><type>render</type></capability></device>",
      ),
      ['1:1 profile-invalid'],
    ],
  ])('says it once: %s', (_, text, issues) => {
    expect(found(text)).toEqual(issues);
  });

  it('reports every mistake, of every device, in order', () => {
    const text = `<devices>\n${mdev('<type/><uuid>zz</uuid>')}\n${mdev("<typ id='a'/>")}\n<foo/>\n</devices>`;
    expect(found(text)).toEqual([
      '3:1 nodedev-invalid',
      '3:8 nodedev-invalid',
      '6:1 schema-element-unexpected',
      '8:1 nodedev-invalid',
    ]);
  });

  it('names the root element that was meant', () => {
    expect(validateDocument('<domian/>', { file: 'a.xml' })).toEqual([
      {
        code: 'document-unknown',
        severity: 'error',
        message:
          'unexpected root element <domian>, expecting <domain>, <hostdev>, <device>, <devices>, <host> or <fleet>',
        location: { file: 'a.xml', line: 1, column: 1 },
        hint: 'did you mean <domain>?',
        fix: { kind: 'name', name: 'domain' },
      },
    ]);
  });

  it('takes another schema, for every kind of document', () => {
    const folder = temporaryFolder();
    const schema = join(folder, 'any.rng');
    const text = `<element name='domain' xmlns='http://relaxng.org/ns/structure/1.0'>
      <attribute name='type'/><element name='name'><text/></element></element>`;
    expect(() => validateDocuments('<domain/>', { schema })).toThrow(NodedevError);
    writeFileSync(schema, text);
    expect(found("<domain type='kvm'><name>a</name></domain>", schema)).toEqual([]);
    expect(found("<domain type='kvm'><nam>a</nam></domain>", schema)).toEqual([
      '1:20 schema-element-unexpected',
    ]);
    expect(found(mdev("<type id='a'/>"), schema)).toEqual(['1:1 schema-element-unexpected']);
  });
});

describe('validateNodeDevice', () => {
  it('takes node devices only', () => {
    expect(validateNodeDevice(mdev("<type id='a'/>"))).toEqual([]);
    expect(validateNodeDevice('<device>', { file: 'a.xml' })).toMatchObject([
      { code: 'xml-malformed', location: { file: 'a.xml' } },
    ]);
    expect(validateNodeDevice(domain(''))).toMatchObject([
      {
        code: 'nodedev-invalid',
        message: 'unexpected root element <domain>, expecting <device> or <devices>',
      },
    ]);
  });
});

const installed = existsSync('/usr/share/libvirt/schemas/nodedev.rng');

/** With the name libvirt's schema demands. */
const named = (content: string): string =>
  mdev(content).replace('<parent>', '<name>n</name><parent>');

describe.skipIf(!installed)("libvirt's schemas (Debian: package libvirt0)", () => {
  it('refuse what libvirt does not know', () => {
    expect(found(mdev("<type id='a'/><group>g</group>"))).toEqual([]);
    expect(found(named("<type id='a'/><group>g</group>"), 'libvirt')).toEqual([
      '2:15 schema-element-unexpected',
    ]);
    const many = `<devices>\n${named("<type id='a'/>")}\n${named("<type id='a'/><params/>")}</devices>`;
    expect(found(many, 'libvirt')).toEqual(['6:15 schema-element-unexpected']);
  });

  it('look at the whole domain', () => {
    expect(found(domain('<dsk/>'))).toEqual(['2:1 domain-element-unknown?']);
    const byLibvirt = found(domain('<dsk/>'), 'libvirt');
    expect(byLibvirt).toContain('2:1 schema-element-unexpected');
    expect(byLibvirt).not.toContain('2:1 domain-element-unknown?');
  });

  it('leave profiles to ours', () => {
    expect(found(profile("<types name='t'/>"), 'libvirt')).toEqual(['2:1 schema-element-missing']);
  });
});

it('every code is in the catalogue once, with its severity', () => {
  const codes = validationRules.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const { code, summary, source: from } of validationRules) {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
    expect(summary.length).toBeGreaterThan(10);
    expect(from.length).toBeGreaterThan(10);
  }
});
