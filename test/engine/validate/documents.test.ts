import { expect, it } from 'vitest';
import { exponent } from '../../../bench/measure.ts';
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

it('distinguishes domains without a name', () => {
  const unnamed = domain('').replace('<name></name>', '');
  const reports = validateDocuments([unnamed, unnamed]);
  expect(reports.map(({ issues }) => issues.length)).toEqual([1, 1]);
  expect(validateDocuments(unnamed)).toEqual([{ file: undefined, issues: [] }]);
});

it('names a few of many domains that share a device', () => {
  const many = Array.from({ length: 6 }, (_, index) => domain(`vm${index}`));
  const [first] = validateDocuments(many);
  expect(first?.issues.map(({ message }) => message)).toEqual([
    `mediated device ${UUID} is in domains vm1, vm2, vm3 and others too`,
  ]);
});

it('takes time that grows with the number of domains, not with its square', { retry: 4 }, () => {
  const own = (index: number): string =>
    domain(`vm${index}`).replace(
      UUID,
      `0695d332-7831-493f-9e71-${String(index).padStart(12, '0')}`,
    );
  const time = (texts: readonly string[]): number => {
    const start = performance.now();
    validateDocuments(texts);
    return performance.now() - start;
  };
  const sizes = [500, 4000];
  for (const domains of [own, (index: number): string => domain(`vm${index}`)]) {
    const points = sizes.map((size) => {
      const texts = Array.from({ length: size }, (_, index) => domains(index));
      return [size, Math.min(time(texts), time(texts))] as const;
    });
    expect(exponent(points)).toBeLessThan(1.5);
  }
});
