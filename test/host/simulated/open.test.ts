import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { isSimulated } from '../../../src/host/simulated/host.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { openSimulatedHost } from '../../../src/host/simulated/open.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import { SysfsHost } from '../../../src/host/sysfs/host.ts';
import { temporaryFolder } from '../support/hosts.ts';

const { folder: base, dispose } = temporaryFolder();
afterAll(dispose);

let number = 0;
function newFolder(): string {
  number += 1;
  return join(base, `host-${number}`);
}

it('a host that was made is opened with everything it has', () => {
  const folder = newFolder();
  const made = makeSimulatedHost(folder, Buffer.from(readSampleProfile('kernel-samples')));
  const parent = made.parent('mtty');
  if (parent) made.create(parent, 'mtty-1', '00000000-1111-4222-8333-000000000001');
  const opened = openSimulatedHost(folder);
  expect(opened.profileName).toBe('kernel-samples');
  expect(opened.kind).toBe('simulated');
  expect(opened.bootId()).toBe(made.bootId());
  expect(opened.devices().items).toHaveLength(1);
  expect([isSimulated(opened), isSimulated(new SysfsHost(folder))]).toEqual([true, false]);
});

it('a directory with something in it is left alone', () => {
  const folder = newFolder();
  makeSimulatedHost(folder, 'kernel-samples');
  const before = readdirSync(folder);
  expect(() => makeSimulatedHost(folder, 'nvidia-m60')).toThrow(/is not empty/);
  expect(readdirSync(folder)).toEqual(before);
  expect(openSimulatedHost(folder).profileName).toBe('kernel-samples');
});

it('a profile that is refused leaves no directory', () => {
  const folder = newFolder();
  expect(() => makeSimulatedHost(folder, '<host/>')).toThrow(/no <name>/);
  expect(existsSync(folder)).toBe(false);
});

it('what is no simulated host is not opened as one', () => {
  const folder = newFolder();
  writeFileSync(folder, '');
  expect(() => openSimulatedHost(base)).toThrow(/no simulated host/);
  expect(() => openSimulatedHost(folder)).toThrow(/^ENOTDIR/);
  expect(() => makeSimulatedHost(folder, 'mixed')).toThrow(/ENOTDIR/);
});

it('a directory that cannot be made is refused, also where Node would try for ever', () => {
  const make = (folder: string) => makeSimulatedHost(folder, 'kernel-samples');
  expect(() => make('/proc/virt-nodedev/host')).toThrow(
    expect.objectContaining({ name: 'NodedevError', code: 'store-failed' }),
  );
});
