import type { CardType } from '../../../src/drivers/driver.ts';

export const mttyTypes: readonly CardType[] = [
  { id: 'mtty-1', name: 'Single port serial', deviceApi: 'vfio-pci' },
  { id: 'mtty-2', name: 'Dual port serial', deviceApi: 'vfio-pci' },
];
