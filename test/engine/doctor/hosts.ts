import { onTestFinished } from 'vitest';
import { connect } from '../../../src/index.ts';
import type { Issue } from '../../../src/errors.ts';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { diskHost } from '../../host/support/hosts.ts';
import { type FileTree, writeFiles } from '../../support/file-tree.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A root with these files. */
export function rootWith(files: FileTree): string {
  const folder = temporaryFolder();
  writeFiles(folder, files);
  return folder;
}

/** A simulated host of a sample profile in a folder of its own. */
export function sampleHost(profile: string): {
  readonly folder: string;
  readonly host: SimulatedHost;
} {
  const { host, dispose } = diskHost(profile);
  onTestFinished(dispose);
  return { folder: present(host.root), host };
}

/** What the doctor finds at a URI. */
export async function examined(uri: string): Promise<readonly Issue[]> {
  const manager = await connect(uri);
  try {
    return await manager.doctor();
  } finally {
    await manager.close();
  }
}

/** The n-th uuid of a test. */
export const uuidOf = (number: number): string =>
  `0695d332-7831-493f-9e71-${String(number).padStart(12, '0')}`;

/** A PCI display controller below a root, as the kernel lays it out. */
export function gpu(
  address: string,
  { vendor, driver, files = {} }: { vendor: string; driver?: string; files?: FileTree },
): FileTree {
  const path = `sys/devices/pci0000:00/${address}`;
  return {
    [`sys/bus/pci/devices/${address}`]: { link: `../../../devices/pci0000:00/${address}` },
    [`${path}/vendor`]: `${vendor}\n`,
    [`${path}/class`]: '0x030200\n',
    ...(driver === undefined
      ? {}
      : { [`${path}/driver`]: { link: `../../../bus/pci/drivers/${driver}` } }),
    ...Object.fromEntries(Object.entries(files).map(([name, file]) => [`${path}/${name}`, file])),
  };
}

/** What has to be there for a test to mean anything. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there');
  return value;
}
