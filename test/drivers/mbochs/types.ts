import type { CardType } from '../../../src/drivers/driver.ts';

export const mbochsTypes: readonly CardType[] = [
  {
    id: 'mbochs-small',
    name: 'mbochs-small',
    deviceApi: 'vfio-pci',
    description: 'virtual display, 4 MB video memory',
  },
  {
    id: 'mbochs-medium',
    name: 'mbochs-medium',
    deviceApi: 'vfio-pci',
    description: 'virtual display, 16 MB video memory',
  },
  {
    id: 'mbochs-large',
    name: 'mbochs-large',
    deviceApi: 'vfio-pci',
    description: 'virtual display, 64 MB video memory',
  },
];
