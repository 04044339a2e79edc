import { coreCounter } from '../core-counter.ts';
import type { Driver } from '../driver.ts';
import type { HostFacts, Obstacle } from '../host-facts.ts';
import { matrixSettings, matrixWrites } from './matrix.ts';
import { apSettings, queueProblems } from './queues.ts';
import { vfioApRefusals } from './refusals.ts';

const WRITE_ONLY = [
  'assign_adapter',
  'assign_control_domain',
  'assign_domain',
  'unassign_adapter',
  'unassign_control_domain',
  'unassign_domain',
];
const READ_ONLY = ['control_domains', 'guest_matrix', 'matrix'];

/** The host has crypto queues, but the driver, which makes the parent, is not loaded (Documentation/arch/s390/vfio-ap.rst). */
function obstacles(host: HostFacts): readonly Obstacle[] {
  if (!host.exists('/sys/bus/ap') || host.exists('/sys/devices/vfio_ap/matrix')) return [];
  return [
    {
      says: 's390 crypto: the module vfio_ap is not loaded',
      next: '`modprobe vfio_ap`, then reserve queues for it: `chzdev -t ap apmask=-ADAPTER aqmask=-DOMAIN`',
    },
  ];
}

/**
 * s390 crypto (the AP matrix): 65536 devices; the queues run out first, since each can be assigned to one
 * device only. Kernel: drivers/s390/crypto/vfio_ap_ops.c (`max_instances` MAX_ZDEV_ENTRIES_EXT, attributes).
 * A new device has nothing assigned: its readable attributes are empty.
 */
export const vfioAp: Driver = {
  name: 'vfio_ap',
  mdevDriver: 'vfio_ap_mdev',
  subsystem: 'matrix',
  loads: 'vfio_ap',
  settings: matrixSettings,
  refusals: vfioApRefusals,
  obstacles,
  ...coreCounter(
    () => 65536,
    (limit) =>
      `The AP matrix takes ${limit} devices; a queue (adapter and domain) can be assigned to one of them only.`,
  ),
  attributes: () => [],
  deviceAttributes: () => [
    ...WRITE_ONLY.map((name) => ({ name, value: '', mode: 0o200 })),
    ...READ_ONLY.map((name) => ({ name, value: '', mode: 0o444 })),
  ],
  attributeWrites: matrixWrites,
  settingsOfHost: apSettings,
  resourceProblems: queueProblems,
  hotplugRefusal: () => undefined,
  guestPci: () => undefined,
};
