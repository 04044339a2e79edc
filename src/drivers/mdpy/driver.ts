import { coreCounter } from '../core-counter.ts';
import { resolutionItems } from '../description.ts';
import type { CardType, Driver, DriverSetting } from '../driver.ts';
import { guestPciOf } from '../guest-pci.ts';
import { numberSetting } from '../settings.ts';
import { MDPY_IDS, MDPY_PIXELS, mdpyModel } from './model.ts';

const COUNT: DriverSetting = { name: 'count', default: '4' };

/** `virtual display, 640x480 framebuffer` → `640x480`. */
const resolutionOf = (type: CardType): string =>
  /(\d{1,6}x\d{1,6}) framebuffer/.exec(type.description ?? '')?.[1] ?? '';

/**
 * The kernel's sample display driver with a fixed resolution: `count` devices (the module's parameter) of whatever
 * type. Kernel: samples/vfio-mdev/mdpy.c, mdpy-defs.h. The guest sees PCI device 1b36:000f, a display controller.
 */
export const mdpy: Driver = {
  name: 'mdpy',
  mdevDriver: 'mdpy',
  subsystem: 'mdpy',
  settings: [COUNT],
  ...coreCounter(
    (card) => numberSetting(card, COUNT),
    (limit) => `The driver takes ${limit} devices, all types together (module parameter count).`,
  ),
  attributes: (type) => resolutionItems(resolutionOf(type)) ?? [],
  deviceAttributes: (_uuid, type) => [
    { name: 'vendor/resolution', value: resolutionOf(type), mode: 0o444 },
  ],
  hotplugRefusal: () => undefined,
  guestPci: () => guestPciOf(MDPY_IDS),
  model: (type) => {
    const [width = 0, height = 0] = resolutionOf(type).split('x').map(Number);
    const pixels = width * height;
    return pixels === 0 || pixels > MDPY_PIXELS
      ? undefined
      : (bus) => mdpyModel({ width, height }, bus);
  },
};
