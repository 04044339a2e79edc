import { type Issue, NodedevError } from '../../errors.ts';
import type { Diagnosis, Obstacle, ObstacleKind } from '../../host/diagnosis.ts';
import type { Host } from '../../host/host.ts';

/**
 * Refuses to go on with a real host that has no parent: an empty list would not say why. A simulated host without
 * parents is what its profile says.
 *
 * @throws NodedevError `no-mdev-support`
 */
export function requireMdevSupport(host: Host, parents = host.parents()): void {
  if (host.kind !== 'sysfs' || parents.items.length > 0 || parents.unreadable.length > 0) return;
  throw noMdevSupport(host.diagnosis(), host.root);
}

/** Why a host has no parents: the likeliest reason as the error, all others as its issues. */
export function noMdevSupport(diagnosis: Diagnosis, root: string | undefined): NodedevError {
  const [first, ...others] = reasons(diagnosis, root);
  return new NodedevError('no-mdev-support', `no mediated device support: ${first.says}`, {
    hint: `${first.next}; without such hardware, use a simulated host: \`initSimulatedHost('DIR', 'nvidia-m60')\`, then \`connect('sim:///DIR')\``,
    issues: others.map(({ says, next }): Issue => {
      return { code: 'no-mdev-support', severity: 'notice', message: says, hint: next };
    }),
  });
}

/** What stands in the way of some devices, for a person. */
export function obstacleReason(obstacle: Obstacle): Reason {
  return OBSTACLES[obstacle.kind](obstacle);
}

interface Reason {
  readonly says: string;
  readonly next: string;
}

function reasons(
  { sysfs, core, obstacles }: Diagnosis,
  root: string | undefined,
): readonly [Reason, ...Reason[]] {
  if (!sysfs) {
    return [
      {
        says: `there is no Linux sysfs in ${root ?? '/'}`,
        next: 'connect to a Linux host, or to a directory that holds its sys/',
      },
    ];
  }
  const [first, ...others] = obstacles.map(obstacleReason);
  if (first !== undefined) return [first, ...others];
  return core
    ? [
        {
          says: 'the mdev module is loaded, but no driver has registered a device with it',
          next: "load the driver of your device; `dmesg | grep -i mdev` shows what registered ('MDEV: Registered')",
        },
      ]
    : [
        {
          says: 'the mdev module is not loaded, and no hardware that has mediated devices was found',
          next: "load the driver of your device, which loads mdev: NVIDIA's vGPU manager, kvmgt, vfio_ccw, vfio_ap, or the kernel's sample mtty",
        },
      ];
}

/** `0000:41:00.4`, or `0000:41:00.4 and 31 more`. */
function named(noun: string, devices: readonly string[]): string {
  const [first = '', ...more] = devices;
  return `${noun} ${first}${more.length === 0 ? '' : ` and ${more.length} more`}`;
}

/** Sources: see host/sysfs/diagnose.ts. */
const OBSTACLES: Readonly<Record<ObstacleKind, (obstacle: Obstacle) => Reason>> = {
  'nvidia-vfio-variant': ({ devices }) => ({
    says: `${named('NVIDIA GPU function', devices)}: this vGPU release uses NVIDIA's vendor-specific VFIO framework, which has no mediated devices`,
    next: `write a type id of nvidia/creatable_vgpu_types to nvidia/current_vgpu_type of the function in /sys/bus/pci/devices, and give it to a domain with <hostdev mode='subsystem' type='pci' managed='no'>`,
  }),
  'nvidia-driver': ({ devices, driver }) => ({
    says: `${named('NVIDIA GPU', devices)}: ${driver === undefined ? 'no driver is loaded for it' : `it is bound to ${driver}, not to NVIDIA's driver`}`,
    next: "install NVIDIA's vGPU manager for KVM and bind the GPU to its driver, nvidia",
  }),
  'nvidia-functions-off': ({ devices }) => ({
    says: `${named('NVIDIA GPU', devices)}: its SR-IOV virtual functions, which have the vGPUs, are off`,
    next: `\`/usr/lib/nvidia/sriov-manage -e ${devices.length === 1 ? (devices[0] ?? 'ALL') : 'ALL'}\` (part of NVIDIA's vGPU manager) enables them until the next boot`,
  }),
  'nvidia-manager': ({ devices }) => ({
    says: `${named('NVIDIA GPU', devices)}: NVIDIA's driver is loaded without its vGPU manager (module nvidia_vgpu_vfio)`,
    next: "install NVIDIA's vGPU manager for KVM instead of the plain driver",
  }),
  'nvidia-silent': ({ devices }) => ({
    says: `${named('NVIDIA GPU', devices)}: NVIDIA's vGPU manager is loaded but offers no type for it`,
    next: "the GPU may have no vGPU support, or be in MIG mode without instances: `journalctl -b | grep -i 'vgpu'` shows what the manager says",
  }),
  'intel-gvt-off': ({ devices }) => ({
    says: `${named('Intel GPU', devices)}: GVT-g is off (i915.enable_gvt=N)`,
    next: 'boot with i915.enable_gvt=1 and load kvmgt; GVT-g is for Broadwell and the Skylake family only',
  }),
  'intel-kvmgt': ({ devices }) => ({
    says: `${named('Intel GPU', devices)}: the module kvmgt is not loaded`,
    next: '`modprobe kvmgt`, with i915.enable_gvt=1 on the kernel command line; GVT-g is for Broadwell and the Skylake family only',
  }),
  'intel-silent': ({ devices }) => ({
    says: `${named('Intel GPU', devices)}: kvmgt is loaded, but i915 offers no GVT-g`,
    next: 'boot with i915.enable_gvt=1; `dmesg | grep -i gvt` shows why not; GVT-g is for Broadwell and the Skylake family only',
  }),
  'ap-driver': () => ({
    says: 's390 crypto: the module vfio_ap is not loaded',
    next: '`modprobe vfio_ap`, then reserve queues for it: `chzdev -t ap apmask=-ADAPTER aqmask=-DOMAIN`',
  }),
  'ccw-driver': () => ({
    says: 's390 channel I/O: the module vfio_ccw is not loaded',
    next: '`modprobe vfio_ccw`, then bind a subchannel to it: `driverctl -b css set-override 0.0.0052 vfio_ccw`',
  }),
  'ccw-unbound': () => ({
    says: 's390 channel I/O: no subchannel is bound to vfio_ccw',
    next: '`driverctl -b css set-override 0.0.0052 vfio_ccw` binds one; `lscss` lists them',
  }),
};
