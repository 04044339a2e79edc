import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outlineOfDomain } from '../../../src/domain/domain-outline.ts';
import { parseDomain } from '../../../src/domain/parse-domain.ts';
import { qemuDomainArguments } from '../../../src/domain/qemu-arguments.ts';
import { validateDomain } from '../../../src/domain/validate-domain.ts';
import { validateDocument } from '../../../src/engine/validate/document.ts';
import type { Issue } from '../../../src/errors.ts';
import { corpusFiles } from '../../support/corpus.ts';
import { outlineByReader } from '../../support/outline-by-reader.ts';

const FOLDER = 'qemuxmlconfdata';
/** `x.x86_64-latest.err` is of `x.xml`. */
const caseOf = (file: string): string => basename(file).split('.')[0] ?? '';
const text = (file: string): string => readFileSync(file, 'utf8');
const isError = ({ severity }: Issue): boolean => severity === 'error';

const domains = corpusFiles(FOLDER, '.xml');
const refusals = corpusFiles(FOLDER, '.err');
const refused = new Set(refusals.map(caseOf));

it('the corpus is whole', () => {
  expect([domains.length, refusals.length]).toEqual([2318, 217]);
});

it('accepts every domain that libvirt accepts', () => {
  const wrong = domains
    .filter((file) => !refused.has(caseOf(file)))
    .map((file) => [basename(file), validateDocument(readFileSync(file)).filter(isError)])
    .filter(([, errors]) => errors?.length !== 0);
  expect(wrong).toEqual([]);
});

it('the outline of a domain says what the reader says', () => {
  const outlines = (read: typeof outlineOfDomain) =>
    domains.map((file) => [basename(file), read(text(file))]);
  expect(outlines(outlineOfDomain)).toEqual(outlines(outlineByReader));
});

/** The rule that has to find what libvirt found, and no other: every refusal of the corpus about a host device. */
const codes: Readonly<Record<string, string>> = {
  'hostdev-mdev-display-missing-graphics': 'display-without-graphics',
  'hostdev-mdev-display-ramfb-multiple': 'ramfb-multiple',
  'hostdev-mdev-duplicate': 'hostdev-duplicate',
  'hostdev-mdev-invalid-target-address': 'mdev-address-type',
  'hostdev-mdev-src-address-invalid': 'mdev-uuid-missing',
  'hostdev-pci-duplicate': 'hostdev-duplicate',
  'hostdev-scsi-duplicate': 'hostdev-duplicate',
  'hostdev-scsi-vhost-rawio-invalid': 'scsi-attribute-not-scsi',
  'hostdev-scsi-vhost-scsi-pci-boot-fail': 'vhost-scsi-boot-unsupported',
  'hostdev-scsi-vhost-sgio-invalid': 'scsi-attribute-not-scsi',
  'hostdev-subsys-mdev-vfio-ap-boot-fail': 'mdev-boot-unsupported',
  'hostdev-subsys-mdev-vfio-ccw-duplicate-address': 'ccw-devno-duplicate',
  'hostdev-subsys-mdev-vfio-ccw-invalid-address': 'mdev-address-type',
  'hostdev-usb-duplicate': 'hostdev-duplicate',
  'hostdev-vfio-zpci-duplicate': 'zpci-duplicate',
  'hostdev-vfio-zpci-invalid-uid-valid-fid': 'zpci-uid-range',
  'hostdev-vfio-zpci-set-zero': 'zpci-uid-range',
  'hostdev-vfio-zpci-uid-set-zero': 'zpci-uid-range',
  'hostdev-vfio-zpci-wrong-arch': 'zpci-arch',
};

describe('a host device that libvirt refuses', () => {
  it.each(refusals.filter((file) => caseOf(file).startsWith('hostdev-')))('%s', (file) => {
    // "XML error: Hostdev already exists …": class, then sentence.
    const sentence = text(file)
      .trim()
      .replace(/^[^:]*: /, '');
    const errors = validateDomain(text(file.replace(/\.[^/]*$/, '.xml'))).filter(isError);
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set([codes[caseOf(file)]]));
    expect(errors.map(({ message }) => message).join('\n')).toContain(sentence);
    expect(errors[0]?.location?.line).toBeGreaterThan(1);
    expect(errors[0]?.hint).toBeDefined();
  });
});

/** Cases whose arguments differ, and why. */
const different: Readonly<Record<string, string>> = {
  'hostdev-vfio-zpci-boundaries': 'its first zPCI device belongs to a bridge, not to a host device',
};

describe('QEMU arguments', () => {
  const started = corpusFiles(FOLDER, '-latest.args').filter((file) =>
    /^hostdev-(?:mdev|subsys-mdev|vfio-(?:zpci|multidomain))|^machine-loadparm-hostdev/.test(
      caseOf(file),
    ),
  );
  const isSame = (file: string): boolean => different[caseOf(file)] === undefined;

  const both = (file: string): Record<'ours' | 'theirs', readonly (string | undefined)[]> => ({
    ours: qemuDomainArguments(parseDomain(text(file.replace(/\.args$/, '.xml')))).filter(
      (argument) => argument !== '-device',
    ),
    theirs: text(file)
      .split('\n')
      .map((line) => /^-device '(?<json>.*)' \\$/.exec(line)?.groups?.['json'])
      .filter((json) => json !== undefined && /"(?:vfio-[a-z-]+|zpci)"/.test(json)),
  });

  it.each(started.filter(isSame))("%s: libvirt's", (file) => {
    const { ours, theirs } = both(file);
    expect(theirs.length).toBeGreaterThan(0);
    expect(ours).toEqual(theirs);
  });

  // A difference that is gone has to leave the table.
  it.each(started.filter((file) => !isSame(file)))('%s: not yet', (file) => {
    const { ours, theirs } = both(file);
    expect(ours).not.toEqual(theirs);
  });
});
