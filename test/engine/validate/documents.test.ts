import { expect, it } from 'vitest';
import { validateDocuments } from '../../../src/engine/validate/documents.ts';

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';

const domain = (name: string): string => `<domain type='kvm'><name>${name}</name><devices>
<hostdev type='mdev' model='vfio-pci'><source><address uuid='${UUID}'/></source></hostdev>
</devices></domain>`;

const device =
  "<device><parent>p</parent><capability type='mdev'><type id='a'/></capability></device>";

it('holds the domains of one call against each other', () => {
  const reports = validateDocuments([
    { text: domain('one'), file: 'one.xml' },
    { text: device, file: 'device.xml' },
    { text: Buffer.from(domain('two')), file: 'two.xml' },
    { text: '<domain>', file: 'broken.xml' },
  ]);
  const lines = reports.map(({ file, issues }) => [
    file,
    ...issues.map(({ code, message }) => `${code}: ${message}`),
  ]);
  expect(lines).toEqual([
    ['one.xml', `mdev-in-two-domains: mediated device ${UUID} is in domain two too`],
    ['device.xml'],
    ['two.xml', `mdev-in-two-domains: mediated device ${UUID} is in domain one too`],
    ['broken.xml', expect.stringMatching(/^xml-malformed: /)],
  ]);
});

it('takes two versions of one domain for the same domain', () => {
  const reports = validateDocuments([domain('one'), domain('one')]);
  expect(reports.flatMap(({ issues }) => issues)).toEqual([]);
});

it('tells domains without a name apart', () => {
  const unnamed = domain('').replace('<name></name>', '');
  const reports = validateDocuments([unnamed, unnamed]);
  expect(reports.map(({ issues }) => issues.length)).toEqual([1, 1]);
  expect(validateDocuments(unnamed)).toEqual([{ file: undefined, issues: [] }]);
});
