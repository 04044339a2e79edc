import type { CardType } from '../../../src/drivers/driver.ts';

export const ccwTypes: readonly CardType[] = [
  { id: 'vfio_ccw-io', name: 'I/O subchannel (Non-QDIO)', deviceApi: 'vfio-ccw' },
];
