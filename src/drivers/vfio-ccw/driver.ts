import { coreCounter } from '../core-counter.ts';
import type { Driver } from '../driver.ts';
import type { HostFacts, Obstacle } from '../host-facts.ts';
import { KERNEL_LOG, type RefusalCause } from '../refusal-cause.ts';

/** Source: drivers/s390/cio/vfio_ccw_ops.c. */
const REFUSALS: readonly RefusalCause[] = [
  {
    errno: 'EPERM', // before Linux 6.1 it counted itself, and said so with EPERM
    operations: ['create'],
    code: 'no-instances',
    says: 'the driver has no instance left',
    next: '`types()` shows what is left; on a real host, run it as root',
  },
  {
    errno: 'ENODEV', // state NOT_OPER
    operations: ['create'],
    code: 'host-refused',
    says: 'the subchannel is not operational',
    next: '`lscss` shows its state; its device may be detached or offline',
    log: KERNEL_LOG,
  },
];

const BUS_DRIVER = '/sys/bus/css/drivers/vfio_ccw';

/** There are subchannels, but the driver is not loaded, or has none of them (Documentation/arch/s390/vfio-ccw.rst). */
function obstacles(host: HostFacts): readonly Obstacle[] {
  if (!host.exists('/sys/bus/css')) return [];
  if (!host.exists(BUS_DRIVER)) {
    return [
      {
        says: 's390 channel I/O: the module vfio_ccw is not loaded',
        next: '`modprobe vfio_ccw`, then bind a subchannel to it: `driverctl -b css set-override 0.0.0052 vfio_ccw`',
      },
    ];
  }
  if (host.names(BUS_DRIVER).some((name) => /^[0-9a-f]{1,2}\.[0-3]\.[0-9a-f]{4}$/.test(name))) {
    return [];
  }
  return [
    {
      says: 's390 channel I/O: no subchannel is bound to vfio_ccw',
      next: '`driverctl -b css set-override 0.0.0052 vfio_ccw` binds one; `lscss` lists them',
    },
  ];
}

/**
 * s390 I/O subchannels: one device each. Kernel: drivers/s390/cio/vfio_ccw_ops.c (`max_instances` 1).
 * The type has no description and the device no attributes.
 */
export const vfioCcw: Driver = {
  name: 'vfio_ccw',
  mdevDriver: 'vfio_ccw_mdev',
  subsystem: 'css',
  loads: 'vfio_ccw',
  settings: [],
  refusals: REFUSALS,
  obstacles,
  ...coreCounter(
    () => 1,
    () => 'A subchannel takes one device.',
  ),
  attributes: () => [],
  deviceAttributes: () => [],
  resourceProblems: (_card, { parent }, others) =>
    others
      .filter((other) => other.parent === parent)
      .map(({ uuid }) => ({
        kind: 'taken',
        by: uuid,
        says: `subchannel ${parent}`,
        next: 'a subchannel takes one device: define it on another, or undefine one of them',
      })),
  hotplugRefusal: () => undefined,
  guestPci: () => undefined,
};
