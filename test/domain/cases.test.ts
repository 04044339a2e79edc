import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { insertHostdev } from '../../src/domain/insert-hostdev.ts';
import { parseDomain } from '../../src/domain/parse-domain.ts';
import { validateDocument } from '../../src/engine/validate/document.ts';
import { refusal, UUID2 } from './support.ts';

const folder = 'test/domain/cases';
const read = (name: string) => readFileSync(join(folder, `${name}.xml`), 'utf8');

/** Kinds of mistakes of public domain files, reduced, and what libvirt 12.8 (QEMU driver) made of them. */
const CASES: Readonly<Record<string, readonly string[]>> = {
  'device-instead-of-devices': [
    '7:3 error: <device> is not known in <domain>; libvirt ignores it and all that is in it: a host device [Did you mean <devices>?]',
  ],
  'hostdev-outside-devices': [
    '7:5 error: <hostdev> has no meaning in <domain>; libvirt ignores it and all that is in it: a host device [Its place is in <devices>.]',
  ],
  'root-port-without-index': [
    '14:7 error: Invalid PCI address 0000:01:01.0. slot must be <= 0 [Leave the address out and libvirt finds a free one.]',
  ],
  'q35-bus-without-controller': [
    '12:7 error: Invalid PCI address 0000:02:02.0. slot must be <= 0 [Leave the address out and libvirt finds a free one.]',
  ],
  'q35-index-gap': [
    '13:7 error: Invalid PCI address 0000:03:01.0. slot must be <= 0 [Leave the address out and libvirt finds a free one.]',
  ],
  'q35-builtin-00-1f-0': [
    "12:7 error: Attempted double use of PCI Address 0000:00:1f.0 [The machine's ISA bridge has it already. Leave the address out and libvirt finds a free one.]",
  ],
  'hint-pci-source-missing': [
    "8:5 error: Missing <source> element in hostdev device [Name the device: <source><address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source>.]",
  ],
  'hint-stray-text': [
    "8:40 error: text '=' is not allowed in <devices> [remove it; libvirt ignores it, only the schema refuses it]",
  ],
  'hostdev-snippet': [],
  'into-domain-without-devices': [],
  'into-lxc-domain': [],
  'write-filtering': [
    '9:15 error: Write filtering of PCI device configuration space is not supported by qemu [Remove it.]',
  ],
  'test-domain-vfio-ccw': [],
  'microvm-has-no-pci': [
    "8:5 error: No PCI buses available [A microvm machine has no PCI: use machine='q35'.]",
  ],
  'pci-controller-index-twice': [
    "9:5 error: Multiple 'pci' controllers with index '1' [Leave out the index and the address, or the whole controller: libvirt adds those that are needed.]",
  ],
  'qemu-commandline-without-xmlns': [
    "14:3 warning: <qemu:commandline> has no namespace; libvirt ignores it and all that is in it [Write <domain type='…' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>.]",
  ],
  'host-domain-10000': [],
};

test('every file has an answer', () => {
  expect(Object.keys(CASES).toSorted()).toEqual(
    readdirSync(folder)
      .map((name) => name.replace('.xml', ''))
      .toSorted(),
  );
});

test.each(Object.entries(CASES))('%s', (name, answers) => {
  const said = validateDocument(read(name)).map(
    ({ severity, message, location, hint }) =>
      `${location?.line ?? 0}:${location?.column ?? 0} ${severity}: ${message} [${hint ?? ''}]`,
  );
  expect(said).toEqual(answers);
});

const vgpu = { uuid: UUID2, model: 'vfio-pci' } as const;

test('a hostdev is put into a domain without <devices>', () => {
  const { mdevs } = parseDomain(insertHostdev(read('into-domain-without-devices'), vgpu));
  expect(mdevs).toMatchObject([vgpu]);
});

test('a hostdev is not put into a container, nor beside devices that are misspelt', () => {
  expect(refusal(() => insertHostdev(read('into-lxc-domain'), vgpu)).message).toBe(
    "a domain of type 'lxc' takes no mediated devices",
  );
  const misspelt = refusal(() => insertHostdev(read('device-instead-of-devices'), vgpu));
  expect(misspelt.hint).toContain('<device> in line 7 is meant to be <devices>');
  expect(misspelt.location?.line).toBe(7);
});
