import type { Card, CardDevice, CardType } from '../../src/drivers/driver.ts';

/** `id name heads frl framebuffer resolution max`, as NVIDIA's sysfs descriptions say on real hosts. */
function nvidiaTypes(prefix: string, table: string): readonly CardType[] {
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [id, name, heads, frl, framebuffer, resolution, max] = line.trim().split(/ +/);
      return {
        id: `nvidia-${id}`,
        name: `${prefix} ${name}`,
        deviceApi: 'vfio-pci',
        description: `num_heads=${heads}, frl_config=${frl}, framebuffer=${framebuffer}M, max_resolution=${resolution}, max_instance=${max}`,
      };
    });
}

export const m60 = nvidiaTypes(
  'GRID',
  `11  M60-0B  2 45 512  2560x1600 16
   12  M60-0Q  2 60 512  2560x1600 16
   13  M60-1A  1 60 1024 1280x1024 8
   14  M60-1B  4 45 1024 5120x2880 8
   15  M60-1Q  4 60 1024 5120x2880 8
   16  M60-2A  1 60 2048 1280x1024 4
   17  M60-2B  4 45 2048 5120x2880 4
   18  M60-2Q  4 60 2048 5120x2880 4
   19  M60-4A  1 60 4096 1280x1024 2
   20  M60-4Q  4 60 4096 5120x2880 2
   21  M60-8A  1 60 8192 1280x1024 1
   22  M60-8Q  4 60 8192 5120x2880 1
   210 M60-2B4 4 45 2048 5120x2880 4
   238 M60-1B4 4 45 1024 5120x2880 8`,
);

export const t4 = nvidiaTypes(
  'GRID',
  `222 T4-1B  4 45 1024  5120x2880 16
   223 T4-2B  4 45 2048  5120x2880 8
   224 T4-2B4 4 45 2048  5120x2880 8
   252 T4-1B4 4 45 1024  5120x2880 16
   225 T4-1A  1 60 1024  1280x1024 16
   226 T4-2A  1 60 2048  1280x1024 8
   227 T4-4A  1 60 4096  1280x1024 4
   228 T4-8A  1 60 8192  1280x1024 2
   229 T4-16A 1 60 16384 1280x1024 1
   230 T4-1Q  4 60 1024  5120x2880 16
   231 T4-2Q  4 60 2048  7680x4320 8
   232 T4-4Q  4 60 4096  7680x4320 4
   233 T4-8Q  4 60 8192  7680x4320 2
   234 T4-16Q 4 60 16384 7680x4320 1
   319 T4-4C  1 60 4096  4096x2160 4
   320 T4-8C  1 60 8192  4096x2160 2
   321 T4-16C 1 60 16384 4096x2160 1`,
);

export const a40 = nvidiaTypes(
  'NVIDIA',
  `555 A40-1B  4 45 1024  5120x2880 32
   556 A40-2B  4 45 2048  5120x2880 24
   557 A40-1Q  4 60 1024  5120x2880 32
   558 A40-2Q  4 60 2048  7680x4320 24
   559 A40-3Q  4 60 3072  7680x4320 16
   560 A40-4Q  4 60 4096  7680x4320 12
   561 A40-6Q  4 60 6144  7680x4320 8
   562 A40-8Q  4 60 8192  7680x4320 6
   563 A40-12Q 4 60 12288 7680x4320 4
   564 A40-16Q 4 60 16384 7680x4320 3
   565 A40-24Q 4 60 24576 7680x4320 2
   566 A40-48Q 4 60 49152 7680x4320 1
   567 A40-1A  1 60 1024  1280x1024 32
   568 A40-2A  1 60 2048  1280x1024 24
   569 A40-3A  1 60 3072  1280x1024 16
   570 A40-4A  1 60 4096  1280x1024 12
   571 A40-6A  1 60 6144  1280x1024 8
   572 A40-8A  1 60 8192  1280x1024 6
   573 A40-12A 1 60 12288 1280x1024 4
   574 A40-16A 1 60 16384 1280x1024 3
   575 A40-24A 1 60 24576 1280x1024 2
   576 A40-48A 1 60 49152 1280x1024 1
   581 A40-4C  1 60 4096  4096x2160 12
   582 A40-6C  1 60 6144  4096x2160 8
   583 A40-8C  1 60 8192  4096x2160 6
   584 A40-12C 1 60 12288 4096x2160 4
   585 A40-16C 1 60 16384 4096x2160 3
   586 A40-24C 1 60 24576 4096x2160 2
   587 A40-48C 1 60 49152 4096x2160 1`,
);

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

const sample = (id: string, name: string, description?: string): CardType => ({
  id,
  name,
  deviceApi: 'vfio-pci',
  ...(description === undefined ? {} : { description }),
});

export const mttyTypes = [
  sample('mtty-1', 'Single port serial'),
  sample('mtty-2', 'Dual port serial'),
];

export const mdpyTypes = [
  sample('mdpy-vga', 'mdpy-vga', 'virtual display, 640x480 framebuffer'),
  sample('mdpy-xga', 'mdpy-xga', 'virtual display, 1024x768 framebuffer'),
  sample('mdpy-hd', 'mdpy-hd', 'virtual display, 1920x1080 framebuffer'),
];

export const mbochsTypes = [
  sample('mbochs-small', 'mbochs-small', 'virtual display, 4 MB video memory'),
  sample('mbochs-medium', 'mbochs-medium', 'virtual display, 16 MB video memory'),
  sample('mbochs-large', 'mbochs-large', 'virtual display, 64 MB video memory'),
];

export const ccwTypes: readonly CardType[] = [
  { id: 'vfio_ccw-io', name: 'I/O subchannel (Non-QDIO)', deviceApi: 'vfio-ccw' },
];

export const apTypes: readonly CardType[] = [
  { id: 'vfio_ap-passthrough', name: 'VFIO AP Passthrough Device', deviceApi: 'vfio-ap' },
];

/** The `number`th uuid of a test. */
export const uuid = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** A card with one parent, `parent`, and one device for each type id. */
export function cardOf(
  types: readonly CardType[],
  devices: readonly string[] = [],
  settings: Readonly<Record<string, string>> = {},
): Card {
  return { parents: ['parent'], types, devices: devicesOf(devices), settings };
}

/** One device per type id on `parent`, or on the parent after `@`. */
export function devicesOf(types: readonly string[]): readonly CardDevice[] {
  return types.map((entry, index) => {
    const [type = '', parent = 'parent'] = entry.split('@');
    return { uuid: uuid(index), parent, type };
  });
}

/** The type of this id; a test that misspells it fails. */
export function typeOf(card: Card, id: string): CardType {
  const type = card.types.find((candidate) => candidate.id === id);
  if (!type) throw new Error(`no type ${id} in this test's card`);
  return type;
}
