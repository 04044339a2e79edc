import { coreCounter } from './core-counter.ts';
import type { Driver } from './driver.ts';

/**
 * s390 I/O subchannels: one device each. Kernel: drivers/s390/cio/vfio_ccw_ops.c (`max_instances` 1).
 * The type has no description and the device no attributes.
 */
export const vfioCcw: Driver = {
  name: 'vfio_ccw',
  mdevDriver: 'vfio_ccw_mdev',
  settings: [],
  requiresGroup: false,
  ...coreCounter(
    () => 1,
    () => 'A subchannel takes one device.',
  ),
  attributes: () => [],
  deviceAttributes: () => [],
  hotplugRefusal: () => undefined,
  guestPci: () => undefined,
};
