import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { DiskTree } from '../../host/disk-tree.ts';
import { mountedFolders, sourceOf } from '../../host/fuse/mount-table.ts';
import {
  mountFailed,
  mountFiles,
  type ServedFolder,
  unmountLazily,
} from '../../host/fuse/mounting.ts';
import { TreeFiles } from '../../host/fuse/tree-files.ts';
import type { SimulatedHost } from '../../host/simulated/host.ts';
import type { Context } from '../context.ts';
import type { HostMount, MountOptions } from '../simulation-options.ts';
import { deadMountRemoved, serviceFailed } from '../wording/mount-messages.ts';
import { answersOf } from './answers.ts';

/** The files of a simulated host for other programs: its /sys, and its /dev/vfio. */
export function filesOf(context: Context, host: SimulatedHost): Record<'sys' | 'vfio', TreeFiles> {
  const root = rootOf(host);
  const answers = answersOf(context, host);
  return {
    sys: new TreeFiles(new DiskTree(root), '/sys', answers.sys),
    vfio: new TreeFiles(new DiskTree(root), '/dev/vfio', answers.vfio),
  };
}

/** The directory of a host. @throws NodedevError `mount-failed`: it is in memory */
export function rootOf({ root }: SimulatedHost): string {
  if (root !== undefined) return root;
  throw mountFailed('a host in memory cannot be mounted', {
    hint: "make one in a directory: `initSimulatedHost('DIR', 'NAME')`",
  });
}

/** Mounts a simulated host's /sys, and its /dev/vfio if asked, and serves them until they are unmounted. */
export async function mountHost(
  context: Context,
  host: SimulatedHost,
  mountpoint: string,
  { vfio }: MountOptions = {},
): Promise<HostMount> {
  const root = rootOf(host);
  const files = filesOf(context, host);
  const places = [
    { at: placeFor(root, mountpoint), files: files.sys },
    ...(vfio === undefined ? [] : [{ at: placeFor(root, vfio), files: files.vfio }]),
  ];
  const served: ServedFolder[] = [];
  const unmount = async (): Promise<void> => {
    for (const folder of served.toReversed()) await folder.unmount();
  };
  const failed = (error: unknown): void => {
    context.report(serviceFailed(error));
  };
  try {
    for (const { at, files: own } of places) {
      if (await removeIfDead(at)) context.report(deadMountRemoved(at));
      served.push(await mountFiles(own, at, sourceOf(root), failed));
    }
  } catch (error) {
    await unmount();
    throw error;
  }
  // Whichever is unmounted first, the other one goes with it.
  const ended = firstOf(served).then(unmount, async (error: unknown) => {
    await unmount();
    throw error;
  });
  ended.catch(() => undefined);
  return { ended, unmount, [Symbol.asyncDispose]: unmount };
}

const firstOf = (served: readonly ServedFolder[]): Promise<void> =>
  Promise.race(served.map((folder) => folder.ended));

/** Unmounts what a killed process left at a folder. */
async function removeIfDead(at: string): Promise<boolean> {
  const isDead = mountedFolders().some((one) => one.isDead && one.mountpoint === at);
  if (isDead) await unmountLazily(at);
  return isDead;
}

/** The real path of a folder; of a dead mount it is the path itself. */
function pathOf(mountpoint: string): string {
  try {
    return realpathSync.native(mountpoint);
  } catch (error) {
    const path = resolve(mountpoint);
    if (mountedFolders().some((one) => one.isDead && one.mountpoint === path)) return path;
    const reason = error instanceof Error ? error.message : String(error);
    throw mountFailed(`cannot mount at ${mountpoint}: ${reason}`, { hint: 'name a folder' });
  }
}

/** The real path of a mountpoint. One above or below the host's directory would serve itself. */
function placeFor(root: string, mountpoint: string): string {
  const place = pathOf(mountpoint);
  const [above, below] = [place, root].map((path) => (path === '/' ? path : `${path}/`));
  if (`${root}/`.startsWith(above ?? '') || `${place}/`.startsWith(below ?? '')) {
    throw mountFailed(`${place} is above or below the host's own directory ${root}`, {
      hint: 'mount it at a folder beside it',
    });
  }
  return place;
}
