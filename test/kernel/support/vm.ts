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
 * Opens the device of the group that is descriptor 3, as QEMU does: VFIO_GROUP_SET_CONTAINER, VFIO_SET_IOMMU with
 * VFIO_TYPE1_IOMMU, VFIO_GROUP_GET_DEVICE_FD. Node has no ioctl. While it is open its driver's module is not unloaded.
 */
const OPEN_DEVICE = `
  open(my $group, "+<&=", 3) or die "group: $!";
  open(my $container, "+<", "/dev/vfio/vfio") or die "container: $!";
  ioctl($group, 0x3b68, pack("i", fileno($container))) or die "set container: $!";
  ioctl($container, 0x3b66, 1) or die "set iommu: $!";
  my $device = ioctl($group, 0x3b6a, "$ARGV[0]\\0") or die "device: $!";
  syswrite(STDOUT, "open");
  sleep;`;

/**
 * Starts a process that holds a device open, and says as libvirt does which domain it is. Throws what opening the group
 * throws.
 */
export async function startVm(domain: string, uuid: string): Promise<Vm> {
  const descriptor = openSync(groupNode(uuid), 'r+');
  // The child has the group as its descriptor 3, and nobody else has.
  const child = spawn('perl', ['-e', OPEN_DEVICE, uuid], {
    stdio: ['ignore', 'pipe', 'pipe', descriptor],
  });
  closeSync(descriptor);
  let said = '';
  child.stderr?.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const [first]: unknown[] = await Promise.race([
    once(child.stdout ?? child, 'data'),
    once(child, 'exit'),
  ]);
  if (child.pid === undefined || String(first) !== 'open') {
    throw new Error(`perl cannot open ${uuid}: ${said}`);
  }
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
