import { readFileSync } from 'node:fs';
import { type FileAnswers } from '../../host/fuse/tree-files.ts';
import type { Caller } from '../../host/fuse/session.ts';
import { type HostDevice, HostError } from '../../host/host.ts';
import type { DeviceHolder } from '../../host/simulated/openings.ts';
import type { SimulatedHost } from '../../host/simulated/host.ts';
import { NodedevError } from '../../errors.ts';
import type { Context } from '../context.ts';

/** How a simulated host's files answer that other programs use: as its kernel, one change at a time. */
export function answersOf(
  { store }: Context,
  host: SimulatedHost,
): Record<'sys' | 'vfio', FileAnswers> {
  const alone = async (caller: Caller, change: () => void): Promise<void> => {
    const { isLockHeldBy } = await import('../lock/root-lock.ts');
    // A command that changes this machine's devices, while its /sys is this host: it waits for us, and holds the lock for both.
    if (host.root !== undefined && (await isLockHeldBy(host.root, caller.thread))) {
      change();
      return;
    }
    try {
      await store.write(change);
    } catch (error) {
      const isDenied = error instanceof NodedevError && error.code === 'permission-denied';
      throw isDenied ? new HostError('EACCES', host.root ?? '', { cause: error }) : error;
    }
  };

  const opened = async (
    path: string,
    writes: boolean,
    caller: Caller,
  ): Promise<() => Promise<void>> => {
    if (!writes) {
      // Who only reads asks whether the device is in use. libvirt keeps such a file open while mdevctl removes the device.
      const asked = deviceAt(host, path);
      const holders = asked === undefined ? [] : host.holders(asked);
      if (holders.length > 0) throw new HostError('EBUSY', path, { holders });
      return () => Promise.resolve();
    }
    const pid = processOf(caller.thread);
    const holder: DeviceHolder = { pid, servedBy: process.pid };
    let device: HostDevice | undefined;
    await alone(caller, () => {
      device = deviceAt(host, path);
      if (device !== undefined) host.open([device], holder);
    });
    return async () => {
      const held = device;
      if (held === undefined) return;
      await alone({ thread: pid }, () => {
        // The host may have been reset since.
        if (host.holders(held).some((one) => one.pid === pid)) host.close(holder, [held]);
      });
    };
  };

  const write = (path: string, words: string): void => {
    host.write(path, words);
  };
  return { sys: { alone, write }, vfio: { alone, write: neverTaken, opened } };
}

/** The device whose file below /dev/vfio this is; undefined: `/dev/vfio/vfio`, which belongs to none. */
function deviceAt(host: SimulatedHost, path: string): HostDevice | undefined {
  return host.devices().items.find((device) => host.details(device).deviceNodes.includes(path));
}

/** VFIO has no write(2) but for a device's regions, which is not modelled. */
function neverTaken(path: string): never {
  throw new HostError('EINVAL', path);
}

/** The process of a thread (proc(5)); the thread itself where that is not to be seen. */
function processOf(thread: number): number {
  try {
    const status = readFileSync(`/proc/${thread}/status`, 'utf8');
    return Number(/^Tgid:\s*(\d+)$/m.exec(status)?.[1] ?? thread);
  } catch {
    return thread;
  }
}
