import { afterAll, describe, it } from 'vitest';
import type { HostDevice } from '../../src/host/host.ts';
import type { SimulatedHost } from '../../src/host/simulated/host.ts';
import { PEER_UUID } from '../../src/host/peer-to-peer.ts';
import { hostContract, type Subject } from './contract.ts';
import { createMemoryHost } from '../../src/host/simulated/memory.ts';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';
import { diskHost, memoryHost, withKernel, withSetting } from './support/hosts.ts';

const run = { describe, it };

function subjectOf(host: SimulatedHost): Subject {
  const hold = (device: HostDevice): (() => void) => {
    host.open([device], { domain: 'guest' });
    return () => host.close({ domain: 'guest' });
  };
  return { host, write: (path, words) => host.write(path, words), hold };
}

const onDisk = diskHost('kernel-samples');
afterAll(() => onDisk.dispose());

/** Kernels with what they do otherwise. */
const KERNELS: readonly (readonly [string, Subject['old']])[] = [
  ['4.10', { driver: 'vfio_mdev', full: 'ENOSPC' }],
  ['5.13.9', { driver: 'vfio_mdev', full: 'ENOSPC' }],
  ['5.15.0-91-generic', { driver: undefined, full: 'ENOSPC' }],
  ['6.1', undefined],
  ['6.12', undefined],
];
for (const [version, old] of KERNELS) {
  const profile = withKernel(readSampleProfile('kernel-samples'), version);
  const disk = diskHost(profile);
  afterAll(() => disk.dispose());
  hostContract(`Linux ${version}, simulated on disk`, { ...subjectOf(disk.host), old }, run);
  hostContract(
    `Linux ${version}, in memory`,
    { ...subjectOf(createMemoryHost(profile)), old },
    run,
  );
}

// Groups' files only, or devices' own only: the same in all else.
for (const nodes of ['group', 'device']) {
  const profile = withSetting(
    withKernel(readSampleProfile('kernel-samples'), '6.12'),
    'device-nodes',
    nodes,
  );
  const disk = diskHost(profile);
  afterAll(() => disk.dispose());
  hostContract(`device-nodes ${nodes}, simulated on disk`, subjectOf(disk.host), run);
  hostContract(`device-nodes ${nodes}, in memory`, subjectOf(createMemoryHost(profile)), run);
}
/** The series of 2016: as Linux 4.10, but for the files. */
const flat = { flat: true, old: { driver: 'vfio_mdev', full: 'ENOSPC' } } as const;
const samples = readSampleProfile('kernel-samples');
const flatDisk = diskHost('kernel-samples', 'v7');
afterAll(() => flatDisk.dispose());
hostContract('flat layout, on disk', { ...subjectOf(flatDisk.host), ...flat }, run);
hostContract(
  'flat layout, in memory',
  { ...subjectOf(createMemoryHost(samples, { layout: 'v7' })), ...flat },
  run,
);

// Cards that ask for groups: the same in all else, in both layouts.
const grouped = withSetting(samples, 'requires-group', 'yes');
for (const layout of [undefined, 'v7'] as const) {
  const disk = diskHost(grouped, layout);
  afterAll(() => disk.dispose());
  const name = `requires-group, ${layout ?? 'directories'}`;
  const old = { ...(layout === 'v7' ? flat : {}), attributes: [PEER_UUID] };
  hostContract(`${name}, on disk`, { ...subjectOf(disk.host), ...old }, run);
  hostContract(
    `${name}, in memory`,
    { ...subjectOf(createMemoryHost(grouped, { layout })), ...old },
    run,
  );
}

hostContract('in memory', subjectOf(memoryHost('kernel-samples')), run);
hostContract('simulated on disk', subjectOf(onDisk.host), run);
