import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { createMemoryHost } from '../../../src/host/simulated/memory.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';

/** Memory where there is such a place: a simulated host is thousands of small files. */
function fastFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}

/** A new directory; `dispose` removes it. */
export function temporaryFolder(): { readonly folder: string; readonly dispose: () => void } {
  const folder = mkdtempSync(join(fastFolder(), 'virt-nodedev-host-'));
  return { folder, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A simulated host of a sample profile, on disk in a new directory. */
export function diskHost(
  profile: string,
  layout?: 'v7',
): {
  readonly host: SimulatedHost;
  readonly dispose: () => void;
} {
  const { folder, dispose } = temporaryFolder();
  return { host: makeSimulatedHost(folder, profile, { layout }), dispose };
}

/** A profile whose host has the ways of a kernel. */
export const withKernel = (profile: string, version: string): string =>
  profile.replace('</name>', `</name><kernel version='${version}'/>`);

/** A profile whose cards all have a setting. */
export const withSetting = (profile: string, name: string, value: string): string =>
  profile.replaceAll(
    /<card [^>]*>/g,
    (card) => `${card}<setting name='${name}' value='${value}'/>`,
  );

/** A simulated host of a sample profile, in memory. */
export function memoryHost(profile: string): SimulatedHost {
  return createMemoryHost(readSampleProfile(profile));
}
