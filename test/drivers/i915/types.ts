import type { CardType } from '../../../src/drivers/driver.ts';

const gvt = (
  suffix: number,
  low: number,
  high: number,
  resolution: string,
  weight: number,
): CardType => ({
  id: `i915-GVTg_V5_${suffix}`,
  name: `GVTg_V5_${suffix}`,
  deviceApi: 'vfio-pci',
  description: `low_gm_size: ${low}MB\nhigh_gm_size: ${high}MB\nfence: 4\nresolution: ${resolution}\nweight: ${weight}`,
});

export const gvtg: readonly CardType[] = [
  gvt(8, 64, 384, '1024x768', 2),
  gvt(4, 128, 512, '1920x1200', 4),
  gvt(2, 256, 1024, '1920x1200', 8),
  gvt(1, 512, 2048, '1920x1200', 16),
];
