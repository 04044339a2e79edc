import { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { simulateInMemory } from '../../../src/host/simulated/memory.ts';
import type { Occupancy } from '../../../src/host/simulated/occupancy.ts';
import { parseProfile } from '../../../src/host/simulated/parse-profile.ts';
import type { HostProfile } from '../../../src/host/simulated/profile.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import type { Tree } from '../../../src/host/tree.ts';

/** A host in memory whose tree can be looked at. */
export function memorySimulation(name: string): {
  readonly host: SimulatedHost;
  readonly tree: Tree;
  readonly profile: HostProfile;
  readonly occupancy: Occupancy;
} {
  const profile = parseProfile(readSampleProfile(name));
  const simulation = simulateInMemory(profile, { now: () => 0 });
  const { tree, occupancy } = simulation;
  return { host: new SimulatedHost(simulation), tree, profile, occupancy };
}

/** What differs between two boots, and between two histories that end alike. */
const HISTORY = /^\/(?:proc|sim\/(?:uevents\.log|lock|changing)|sys\/kernel\/uevent_seqnum)/;

/** A tree as lines, one per entry, without what tells of its history. */
export function linesOf(tree: Tree, path = '/'): string[] {
  if (HISTORY.test(path)) return [];
  const kind = tree.kind(path);
  // The last word of a function's identity is the boot.
  if (kind === 'link') return [`${path} -> ${tree.readLink(path).replace(/ [0-9a-f-]{36}$/, '')}`];
  if (kind !== 'directory') return [`${path}: ${contentOf(tree, path)}`];
  const prefix = path === '/' ? '' : path;
  const names = [...tree.names(path)].toSorted();
  return [`${path}/`, ...names.flatMap((name) => linesOf(tree, `${prefix}/${name}`))];
}

function contentOf(tree: Tree, path: string): string {
  return /\/(?:create|remove|mdev_create|mdev_destroy|bind|unbind|drivers_probe|uevent)$/.test(
    path,
  ) || /assign_/.test(path)
    ? '(secret)'
    : JSON.stringify(tree.read(path));
}

/**
 * The same with the numbers of IOMMU groups and VFIO devices replaced by the uuid they belong to: which number a
 * device has depends on what was there when it was made.
 */
export function numberlessLinesOf(tree: Tree): string[] {
  const names = new Map<string, string>();
  for (const group of tree.names('/sys/kernel/iommu_groups')) {
    const [member = ''] = tree.names(`/sys/kernel/iommu_groups/${group}/devices`);
    if (/^[0-9a-f-]{36}$/.test(member)) names.set(group, member);
  }
  const groupName = (_: string, before: string, number: string) =>
    `${before}${names.get(number) ?? number}`;
  return linesOf(tree)
    .map((line) =>
      line
        .replace(/(iommu_groups\/|\/vfio\/|MINOR=|=vfio\/)(\d+)/g, groupName)
        .replace(/("246:)(\d+)/g, groupName)
        .replace(/\/class\/vfio-dev\/vfio\d+ ->/, '/class/vfio-dev/N ->')
        .replace(/vfio-dev\/vfio\d+/g, 'vfio-dev/N'),
    )
    .toSorted();
}
