import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outlineOfDomain } from '../../src/domain/domain-outline.ts';
import { outlineByReader } from '../support/outline-by-reader.ts';

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
const MDEV = `<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${UUID}'/></source></hostdev>`;
const domain = (devices: string, head = '<name>vm1</name>'): string =>
  `<domain type='kvm'>${head}<devices>${devices}</devices></domain>`;

function domainFiles(folder: string): (readonly [file: string, text: string])[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.xml'))
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);
}

it.each(domainFiles('samples/domains'))('says of %s what the reader says', (_, text) => {
  expect(outlineOfDomain(text)).toEqual(outlineByReader(text));
});

it('reads the domain inside a running one’s state', () => {
  const text = `<!--
WARNING: THIS IS AN AUTO-GENERATED FILE.
-->
<domstatus state='running' reason='booted' pid='4711'>
  <monitor path='/var/lib/libvirt/qemu/domain-1-vm1/monitor.sock' type='unix'/>
  ${domain(MDEV, '<name>vm1</name><uuid>9F3C1F6E7F554A5E9F575F7A7F3B1C11</uuid>')}
</domstatus>\n`;
  expect(outlineOfDomain(text)).toEqual({
    name: 'vm1',
    uuid: '9f3c1f6e-7f55-4a5e-9f57-5f7a7f3b1c11',
    mdevs: [UUID],
    functions: [],
  });
});

it.each([
  ['names with references', domain('', '<name>a &amp; b</name>'), 'a & b'],
  [
    'a name in metadata first',
    domain('', '<metadata><name>x</name></metadata><name>y</name>'),
    'y',
  ],
  ['a greater-than sign in a value', domain("<disk a='>'/>"), 'vm1'],
])('reads %s', (_, text, name) => {
  expect(outlineOfDomain(text)?.name).toBe(name);
});

it.each([
  ['in a comment', `<!-- ${MDEV} -->`],
  ['in CDATA', `<x><![CDATA[${MDEV}]]></x>`],
  ['inside another element', `<x>${MDEV}</x>`],
  ['of another type', MDEV.replace("type='mdev'", "type='pci'")],
  ['of a hostdev after a mediated one', MDEV.replace(UUID, '') + MDEV.replace("'mdev'", "'pci'")],
  ['that is no uuid', MDEV.replace(UUID, 'x')],
])('takes no device %s', (_, devices) => {
  expect(outlineOfDomain(domain(devices))?.mdevs).toEqual([]);
});

it.each([
  ["<driver iommufd='yes'/>", ['0000:42:00.4']],
  ["<driver name='vfio' iommufd='yes'></driver>", ['0000:42:00.4']],
  ["<driver iommufd='no'/>", undefined],
  ["<driver/><x><driver iommufd='yes'/></x>", undefined],
  ['', undefined],
])('takes a function to be opened through iommufd by %s: %j', (driver, functions) => {
  const address = "<address domain='0x0000' bus='0x42' slot='0x00' function='0x4'/>";
  const hostdev = `<hostdev type='pci' managed='no'>${driver}<source>${address}</source></hostdev>`;
  expect(outlineOfDomain(domain(hostdev + hostdev.replace(driver, '')))?.iommufd).toEqual(
    functions,
  );
});

describe('broken files', () => {
  it.each([
    ['nothing', ''],
    ['no XML', 'not XML'],
    ['another document', '<network><name>default</name></network>'],
    ['no name', '<domain/>'],
    ['cut off', domain(MDEV).slice(0, -20)],
    ['an open comment', `${domain(MDEV)}<!-- `],
    ['an open quote', "<domain type='kvm><name>vm1</name></domain>"],
    ['crossed tags', '<domain><name>vm1</domain></name>'],
    ['a closing tag too many', `${domain('')}</x>`],
    ['a document type', `<!DOCTYPE x [<!ENTITY a "b">]>${domain('')}`],
    ['a reference to no character', domain('', '<name>&#x110000;</name>')],
    ['depth without end', '<domain><name>a</name>'.repeat(1000)],
  ])('are no domain: %s', (_, text) => {
    expect(outlineOfDomain(text)).toBeUndefined();
  });

  it('takes time in proportion to the size', () => {
    const started = performance.now();
    expect(outlineOfDomain(`<domain>${'<a "'.repeat(500_000)}`)).toBeUndefined();
    expect(outlineOfDomain(`<domain a="${"'<".repeat(500_000)}`)).toBeUndefined();
    expect(outlineOfDomain(`<domain${' '.repeat(4_000_000)}>`)).toBeUndefined();
    expect(outlineOfDomain(`<domain ${'x'.repeat(4_000_000)}`)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(50_000); // squared, it would be hours
  });
});
