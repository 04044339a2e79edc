import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NodeDevice } from '../../../src/nodedev/device.ts';
import { formatNodeDevice } from '../../../src/nodedev/format.ts';
import { parseNodeDevice } from '../../../src/nodedev/parse.ts';
import { loadSchemaFile } from '../../../src/relaxng/schema-file.ts';
import { readXml } from '../../../src/xml/read.ts';
import { corpusFiles, libvirtCorpus } from '../../support/corpus.ts';

const schema = loadSchemaFile('schemas/nodedev.rng');
const inputs = corpusFiles('nodedevschemadata', '.xml');
const outputs = corpusFiles('nodedevxml2xmlout', '.xml');
const isRefused = (file: string): boolean => file.endsWith('-invalid.xml');

it('the corpus is whole', () => {
  expect([inputs.length, outputs.length]).toEqual([53, 54]);
});

describe('the schema', () => {
  it.each([...inputs, ...outputs])('%s', (file) => {
    const issues = schema.validate(readXml(readFileSync(file)).root);
    expect(issues.length > 0).toBe(isRefused(file));
  });
});

describe('the reader', () => {
  it.each(inputs.filter((file) => !isRefused(file)))('%s is read and loses nothing', (file) => {
    const device = parseNodeDevice(readFileSync(file), { file });
    expect(device.capabilities.map(({ kind }) => kind)).not.toContain('other');
    expect(parseNodeDevice(formatNodeDevice(device))).toEqual(device);
  });

  it.each(inputs.filter(isRefused))('%s is refused', (file) => {
    expect(() => parseNodeDevice(readFileSync(file), { file })).toThrowError(
      expect.objectContaining({ code: 'nodedev-invalid' }),
    );
  });
});

/** A device as libvirt's parser leaves it: <driver> and <parent_addr> are for output only, and not read. */
function asLibvirtReads({ driver: _driver, ...device }: NodeDevice): NodeDevice {
  const capabilities = device.capabilities.map((capability) =>
    capability.kind === 'mdev' ? { ...capability, parentAddress: undefined } : capability,
  );
  return { ...device, capabilities };
}

/** What libvirt shows of a device that is defined but not active. */
function inactive({ path: _path, ...device }: NodeDevice): NodeDevice {
  return { ...device, devnodes: [] };
}

describe('the writer', () => {
  it.each(outputs)('%s equals what libvirt prints, byte for byte', (file) => {
    const same = join(libvirtCorpus, 'nodedevschemadata', basename(file));
    const isInactive = file.endsWith('_inactive.xml') && !existsSync(same);
    const source = isInactive ? same.replace('_inactive.xml', '.xml') : same;
    const read = asLibvirtReads(parseNodeDevice(readFileSync(source)));
    expect(formatNodeDevice(isInactive ? inactive(read) : read, { dialect: 'libvirt' })).toBe(
      readFileSync(file, 'utf8'),
    );
  });
});
