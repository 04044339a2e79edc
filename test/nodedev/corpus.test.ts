import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NodeDevice } from '../../src/nodedev/device.ts';
import { formatNodeDevice } from '../../src/nodedev/format.ts';
import { parseNodeDevice } from '../../src/nodedev/parse.ts';
import { corpus } from '../support/corpus.ts';

const folder = corpus('libvirt');
const input = join(folder ?? '', 'nodedevschemadata');
const output = join(folder ?? '', 'nodedevxml2xmlout');
const filesIn = (directory: string): readonly string[] =>
  folder === undefined ? [] : readdirSync(directory);

/** What libvirt shows of a device that is defined but not active. */
function inactive({ path: _path, driver: _driver, ...device }: NodeDevice): NodeDevice {
  return { ...device, devnodes: [] };
}

describe.skipIf(folder === undefined)("libvirt's own test files", () => {
  const [invalid, valid] = [true, false].map((refused) =>
    filesIn(input).filter((file) => file.endsWith('-invalid.xml') === refused),
  );

  it.each(valid ?? [])('%s is read and loses nothing', (file) => {
    const device = parseNodeDevice(readFileSync(join(input, file)), { file });
    expect(device.capabilities.map(({ kind }) => kind)).not.toContain('other');
    expect(parseNodeDevice(formatNodeDevice(device))).toEqual(device);
  });

  it.each(filesIn(output))('%s equals what libvirt prints, byte for byte', (file) => {
    const source = file.replace('_inactive.xml', '.xml');
    const read = parseNodeDevice(readFileSync(join(input, source)));
    const device = file === source ? read : inactive(read);
    expect(formatNodeDevice(device, { dialect: 'libvirt' })).toBe(
      readFileSync(join(output, file), 'utf8'),
    );
  });

  it.each(invalid ?? [])('%s is refused', (file) => {
    expect(() => parseNodeDevice(readFileSync(join(input, file)), { file })).toThrowError(
      expect.objectContaining({
        code: 'nodedev-invalid',
        message: "invalid devno value '0x10000' for 'css_0_0_ffff'",
        location: { file, line: 12, column: 7 },
      }),
    );
  });
});
