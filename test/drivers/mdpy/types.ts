import type { CardType } from '../../../src/drivers/driver.ts';

export const mdpyTypes: readonly CardType[] = [
  {
    id: 'mdpy-vga',
    name: 'mdpy-vga',
    deviceApi: 'vfio-pci',
    description: 'virtual display, 640x480 framebuffer',
  },
  {
    id: 'mdpy-xga',
    name: 'mdpy-xga',
    deviceApi: 'vfio-pci',
    description: 'virtual display, 1024x768 framebuffer',
  },
  {
    id: 'mdpy-hd',
    name: 'mdpy-hd',
    deviceApi: 'vfio-pci',
    description: 'virtual display, 1920x1080 framebuffer',
  },
];
