import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

/** Where libvirt says which process a domain is. */
const RUNNING = '/run/libvirt/qemu';

/** A VM, as far as its host can tell. */
export interface Vm {
  readonly pid: number;
  /** Once more changes nothing. */
  readonly stop: () => Promise<void>;
}

/** The file a VM opens of a mediated device. */
export function groupNode(uuid: string): string {
  return `/dev/vfio/${basename(readlinkSync(`/sys/bus/mdev/devices/${uuid}/iommu_group`))}`;
}

/**
 * Starts a process that holds a device's VFIO group open, and says as libvirt does which domain it is. Throws what
 * opening the group throws.
 */
export function startVm(domain: string, uuid: string): Vm {
  const descriptor = openSync(groupNode(uuid), 'r+');
  // The child has the group as its descriptor 3, and nobody else has.
  const child = spawn('sleep', ['infinity'], { stdio: ['ignore', 'ignore', 'ignore', descriptor] });
  closeSync(descriptor);
  if (child.pid === undefined) throw new Error('sleep did not start');
  const state = `${RUNNING}/${domain}.xml`;
  mkdirSync(RUNNING, { recursive: true });
  writeFileSync(state, `<domstatus state='running' pid='${child.pid}'/>`);
  const stop = async (): Promise<void> => {
    if (child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    rmSync(state);
  };
  return { pid: child.pid, stop };
}
