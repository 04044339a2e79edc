import { explanation, partOf, shares, usedBy } from '../card.ts';
import { descriptionItems, memoryItem, numberAmong, resolutionItems } from '../description.ts';
import type { Card, CardType, Driver, DriverSetting } from '../driver.ts';
import { guestPciDevice } from '../guest-pci.ts';
import { once } from '../once.ts';
import { KERNEL_LOG } from '../refusal-cause.ts';
import { numberSetting } from '../settings.ts';
import type { TypeFact } from '../type-fact.ts';
import { i915Obstacles } from './obstacles.ts';

const APERTURE: DriverSetting = { name: 'aperture', default: '512' };
const GGTT: DriverSetting = { name: 'ggtt', default: '4096' };
const FENCES: DriverSetting = { name: 'fences', default: '32' };

/** The amounts that the driver reserves for the host: MB, MB, registers (HOST_LOW_GM_SIZE, HOST_HIGH_GM_SIZE, HOST_FENCE). */
const HOST = { low: 128, high: 384, fence: 4 } as const;

const FACTS: readonly TypeFact[] = [
  {
    key: 'lowGraphicsMemory',
    name: 'low-memory',
    attribute: 'low_gm_size',
    kind: 'memory',
    summary: 'mappable graphics memory (Intel)',
  },
  {
    key: 'highGraphicsMemory',
    name: 'high-memory',
    attribute: 'high_gm_size',
    kind: 'memory',
    summary: 'other graphics memory (Intel)',
  },
  {
    key: 'fence',
    name: 'fence',
    attribute: 'fence',
    kind: 'number',
    summary: 'fence registers (Intel)',
  },
  {
    key: 'weight',
    name: 'weight',
    attribute: 'weight',
    kind: 'number',
    summary: "share of the GPU's time (Intel)",
  },
];

const attributesOf = once((type: CardType) =>
  descriptionItems(type.description).flatMap((item) => {
    if (item.name === 'low_gm_size' || item.name === 'high_gm_size') return [memoryItem(item)];
    if (item.name === 'resolution') return resolutionItems(item.value) ?? [item];
    return [item];
  }),
);

/** One of the three resources of the card. */
interface Resource {
  readonly name: string;
  /** The amount for all vGPUs of the card. */
  readonly total: number;
  /** The amount for one vGPU. */
  readonly each: (type: CardType) => number;
}

const megabytes = (name: string) => (type: CardType) =>
  (numberAmong(attributesOf(type), name) ?? 0) / 1024;

/** The resources, in the order in which they usually run out: aperture first on most machines. */
function resourcesOf(card: Card): readonly Resource[] {
  const aperture = numberSetting(card, APERTURE);
  return [
    {
      name: 'MB of mappable graphics memory (aperture)',
      total: aperture - HOST.low,
      each: megabytes('low_gm_size'),
    },
    {
      name: 'MB of other graphics memory',
      total: numberSetting(card, GGTT) - aperture - HOST.high,
      each: megabytes('high_gm_size'),
    },
    {
      name: 'fence registers',
      total: numberSetting(card, FENCES) - HOST.fence,
      each: (type) => numberAmong(attributesOf(type), 'fence') ?? 0,
    },
  ];
}

const leftOf = (card: Card, type: CardType, resource: Resource): number =>
  shares(resource.total, usedBy(card, resource.each), resource.each(type));

const available = (card: Card, _parent: string, type: CardType): number =>
  Math.min(...resourcesOf(card).map((resource) => leftOf(card, type, resource)));

/**
 * Intel GVT-g: a vGPU takes mappable graphics memory, other graphics memory and fence registers; what is left of
 * the scarcest decides, ENOSPC when it does not suffice. `aperture` and `ggtt` are the card's MB, `fences` its
 * registers. Kernel: drivers/gpu/drm/i915/gvt/vgpu.c (intel_gvt_update_vgpu_types), aperture_gm.c.
 * Attributes: low_gm_size, high_gm_size (KiB), fence, hres, vres, weight. The guest's configuration space is a copy
 * of the card's. A device's `intel_vgpu/vgpu_id` is left out: it only shows in which order devices were created.
 */
export const i915: Driver = {
  name: 'i915',
  mdevDriver: 'intel_vgpu_mdev',
  subsystem: 'pci',
  loads: 'kvmgt',
  settings: [APERTURE, GGTT, FENCES],
  displaysByDmabuf: true,
  facts: FACTS,
  refusals: [
    {
      errno: 'ENOSPC', // https://github.com/intel/gvt-linux/issues/122
      operations: ['create'],
      code: 'no-instances',
      says: 'no graphics memory or fence is left for a vGPU of this type',
      next: "destroy a vGPU of this GPU, or enlarge the graphics aperture in the firmware's setup",
      log: KERNEL_LOG,
    },
  ],
  obstacles: i915Obstacles,
  // vgpu.c, intel_gvt_init_vgpu_types: a type too large for the aperture is left out.
  offers: (card, type) => available({ ...card, devices: [] }, '', type) > 0,
  available,
  refusal: (card, parent, type) => (available(card, parent, type) > 0 ? undefined : 'ENOSPC'),
  // For a proof one resource is enough. Aperture mostly runs out first.
  share: (card, type) =>
    partOf(numberSetting(card, APERTURE) - HOST.low, megabytes('low_gm_size')(type)),
  explain: (card, parent, type) => {
    const scarcest = resourcesOf(card).reduce((least, resource) =>
      leftOf(card, type, resource) < leftOf(card, type, least) ? resource : least,
    );
    const left = Math.max(0, scarcest.total - usedBy(card, scarcest.each));
    return explanation({
      available: available(card, parent, type),
      maximum: available({ ...card, devices: [] }, parent, type),
      rule: `All vGPUs share ${Math.max(0, scarcest.total)} ${scarcest.name}, of which ${type.id} takes ${scarcest.each(type)}; ${left} are left.`,
      blockers: card.devices,
    });
  },
  attributes: attributesOf,
  deviceAttributes: () => [],
  hotplugRefusal: () => undefined,
  guestPci: (_type, parent) =>
    parent &&
    guestPciDevice({ class: parent.class, product: parent.product, vendor: parent.vendor }),
};
