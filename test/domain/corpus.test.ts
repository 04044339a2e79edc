import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDomain } from '../../src/domain/parse-domain.ts';
import { qemuDomainArguments } from '../../src/domain/qemu-arguments.ts';
import { validateDomain } from '../../src/domain/validate-domain.ts';
import { corpus } from '../support/corpus.ts';

const root = corpus('libvirt');
const folder = root && join(root, 'qemuxmlconfdata');
const files = folder === undefined ? [] : readdirSync(folder).toSorted();
const read = (file: string) => readFileSync(join(folder ?? '', file), 'utf8');

const refused = files.filter((file) => file.endsWith('.err'));
const inputOf = (file: string) => `${file.split('.')[0] ?? ''}.xml`;
const refusedInputs = new Set(refused.map(inputOf));
const accepted = files.filter((file) => file.endsWith('.xml') && !refusedInputs.has(file));
const started = files.filter((file) => file.endsWith('.args'));

/** The rule that has to find what libvirt found. */
const codes: Readonly<Record<string, string>> = {
  'hostdev-mdev-duplicate.xml': 'hostdev-duplicate',
  'hostdev-mdev-invalid-target-address.xml': 'mdev-address-type',
  'hostdev-mdev-src-address-invalid.xml': 'mdev-uuid-missing',
  'hostdev-subsys-mdev-vfio-ap-boot-fail.xml': 'mdev-boot-unsupported',
  'hostdev-subsys-mdev-vfio-ccw-duplicate-address.xml': 'ccw-devno-duplicate',
  'hostdev-subsys-mdev-vfio-ccw-invalid-address.xml': 'mdev-address-type',
  'hostdev-vfio-zpci-set-zero.xml': 'zpci-uid-range',
  'hostdev-vfio-zpci-wrong-arch.xml': 'zpci-arch',
};

describe.skipIf(folder === undefined)("libvirt's own domains", () => {
  test.each(refused)('%s: refused in the same words', (file) => {
    // "XML error: Hostdev already exists …": class, then sentence.
    const sentence = read(file)
      .trim()
      .replace(/^[^:]*: /, '');
    const errors = validateDomain(read(inputOf(file))).filter(
      ({ severity }) => severity === 'error',
    );
    expect(errors.map(({ message }) => message).join('\n')).toContain(sentence);
    expect(errors[0]?.location?.line).toBeGreaterThan(1);
    expect(errors[0]?.hint).toBeDefined();
  });

  test.each(Object.entries(codes))('%s: %s, and nothing else', (file, code) => {
    const errors = validateDomain(read(file)).filter(({ severity }) => severity === 'error');
    expect(errors.map((error) => error.code)).toEqual([code]);
  });

  test.each(accepted)('%s: accepted', (file) => {
    expect(validateDomain(read(file)).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test.each(started)('%s: the same QEMU arguments', (file) => {
    const expected = read(file)
      .split('\n')
      .map((line) => /^-device '(?<json>.*)' \\$/.exec(line)?.groups?.['json'])
      .filter((json) => json !== undefined && /"(?:vfio-[a-z-]+|zpci)"/.test(json));
    const domain = parseDomain(read(file.replace(/\.args$/, '.xml')));
    expect(expected.length).toBeGreaterThan(0);
    expect(qemuDomainArguments(domain).filter((argument) => argument !== '-device')).toEqual(
      expected,
    );
  });
});
