import type { CardType } from '../../../src/drivers/driver.ts';

export const apTypes: readonly CardType[] = [
  { id: 'vfio_ap-passthrough', name: 'VFIO AP Passthrough Device', deviceApi: 'vfio-ap' },
];
