import { countsByType, devicesByParent, explanation, partOf, shares, usedBy } from '../card.ts';
import type { Card, CardType, Driver, DriverSetting, Explanation } from '../driver.ts';
import { guestPciDevice } from '../guest-pci.ts';
import { once } from '../once.ts';
import { settingOf } from '../settings.ts';
import { otherBoard } from './boards.ts';
import { functionFiles } from './function-files.ts';
import { factsOf, isGuess, nvidiaFacts, type Verdict } from './facts.ts';
import { lackingItems } from './lacking-items.ts';
import { vgpuConfig } from './vgpu-config.ts';
import { HOMOGENEOUS } from './homogeneous.ts';
import { INSTANCES, isMigBacked, MIG, migIsOff, migShare, migVerdict } from './mig.ts';
import { nvidiaFrameworks } from './frameworks.ts';
import { nvidiaObstacles } from './obstacles.ts';
import { nvidiaRefusals } from './refusals.ts';
import { nvidiaSetup } from './setup.ts';
import { parseNvidiaTypeName } from './type-name.ts';
import { oneBoardAndSeries, severalAtAll } from './vm-rules.ts';

const SRIOV: DriverSetting = { name: 'sriov', default: 'auto', words: ['auto', 'yes'] };
const HOTPLUG: DriverSetting = {
  name: 'hotplug',
  default: 'refused',
  words: ['refused', 'allowed'],
};

const isSriov = (card: Card): boolean =>
  settingOf(card, SRIOV) === 'yes' || card.parents.length > 1 || card.isFunctions === true;

/** Framebuffer by type id. */
const sizesOf = once(
  (types: readonly CardType[]): ReadonlyMap<string, number> =>
    new Map(types.map((type) => [type.id, factsOf(type).framebuffer])),
);

const fewerFunctions = (card: Card, maxInstance: number): string =>
  isSriov(card) && card.parents.length < maxInstance
    ? `; it has ${card.parents.length} functions for them`
    : '';

/** Equal-size mode: all vGPUs of the GPU are of one framebuffer size (or, strictly, of one type). */
function equalSize(card: Card, type: CardType, by: 'framebuffer' | 'type'): Verdict {
  const sizes = sizesOf(card.types);
  const { framebuffer, maxInstance } = factsOf(type);
  const isOther = (id: string): boolean =>
    by === 'type' ? id !== type.id : sizes.get(id) !== framebuffer;
  if ([...countsByType(card.devices).keys()].some(isOther)) {
    const common = by === 'type' ? 'type' : 'framebuffer size';
    const rule = () =>
      `All vGPUs of a GPU have the same ${common}, and this GPU has vGPUs of another one than ${type.id}.`;
    const blockedBy = () => card.devices.filter((device) => isOther(device.type));
    return { left: 0, rule, blockedBy };
  }
  return {
    left: shares(maxInstance, card.devices.length, 1),
    rule: () =>
      `A GPU takes at most ${maxInstance} vGPUs of ${type.id} (max_instance), counting all of the same framebuffer size${fewerFunctions(card, maxInstance)}.`,
    blockedBy: () => card.devices,
  };
}

/**
 * Mixed-size mode: where in the framebuffer a vGPU may be placed is not shown. NVIDIA documents how many of one size there
 * can be; beside other sizes only the framebuffer can be counted.
 */
function mixedSize(card: Card, type: CardType): Verdict {
  const { maxMixed } = factsOf(type);
  const sizes = sizesOf(card.types);
  const alike = card.devices.filter((device) => sizes.get(device.type) === sizes.get(type.id));
  const byPlaces = maxMixed === undefined ? undefined : shares(maxMixed, alike.length, 1);
  const counted = byFramebuffer(card, type);
  if (byPlaces === undefined || byPlaces > counted.left) return counted;
  return {
    left: byPlaces,
    rule: () =>
      `In mixed-size mode a GPU has places for ${maxMixed} vGPUs of ${type.id}, of which ${alike.length} are taken${alike.length === card.devices.length ? '' : '; vGPUs of other sizes may take more of them'}.`,
    blockedBy: () => (byPlaces === 0 ? alike : card.devices),
  };
}

/** Whether documentation says how many fit: nothing of another size is there. */
function isPlaced(card: Card, type: CardType): boolean {
  const sizes = sizesOf(card.types);
  const isAlike = card.devices.every((device) => sizes.get(device.type) === sizes.get(type.id));
  return isAlike && factsOf(type).maxMixed !== undefined;
}

function byFramebuffer(card: Card, type: CardType): Verdict {
  const total = Math.max(0, ...card.types.map((other) => factsOf(other).framebuffer));
  const free = Math.max(0, total - usedBy(card, (other) => factsOf(other).framebuffer));
  const { framebuffer, maxInstance } = factsOf(type);
  return {
    left: Math.min(maxInstance, shares(free, 0, framebuffer)),
    rule: () =>
      `In mixed-size mode all vGPUs share ${total / 1024} MiB of framebuffer, of which ${type.id} takes ${framebuffer / 1024}; ${free / 1024} are left${free < framebuffer ? '' : ', if the driver finds a place for it'}.`,
    blockedBy: () => card.devices,
  };
}

function verdictOf(card: Card, type: CardType): Verdict {
  if (settingOf(card, MIG) === 'on') return migVerdict(card, type);
  if (isMigBacked(type)) return migIsOff(type);
  const homogeneous = settingOf(card, HOMOGENEOUS);
  if (homogeneous === 'none') return mixedSize(card, type);
  return equalSize(card, type, homogeneous === 'type' ? 'type' : 'framebuffer');
}

function available(card: Card, parent: string, type: CardType): number {
  if (!isSriov(card)) return verdictOf(card, type).left;
  const isTaken = devicesByParent(card.devices).has(parent);
  return isTaken || !card.parents.includes(parent) ? 0 : Math.min(1, verdictOf(card, type).left);
}

/** In every mode: a type has its own number, and the vGPUs of all types are in the GPU's framebuffer. */
function most(card: Card, type: CardType): number {
  const { framebuffer, maxInstance } = factsOf(type);
  const used = countsByType(card.devices).get(type.id) ?? 0;
  const byNumber = maxInstance === 0 ? Infinity : shares(maxInstance, used, 1);
  return framebuffer === 0 ? byNumber : Math.min(byNumber, byFramebuffer(card, type).left);
}

function share(card: Card, type: CardType): number {
  if (settingOf(card, MIG) === 'on') return migShare(card, type);
  const { framebuffer } = factsOf(type);
  const all = card.types.map(factsOf);
  if (settingOf(card, HOMOGENEOUS) === 'none') {
    return partOf(Math.max(0, ...all.map((other) => other.framebuffer)), framebuffer);
  }
  const alike = all.filter((other) => other.framebuffer === framebuffer);
  return partOf(Math.max(0, ...alike.map((other) => other.maxInstance)), 1);
}

/**
 * Whether there may be fewer than the rules say. Mediated devices on virtual functions: what else limits them is not shown.
 * A function's list is the driver's own answer, and the GPU's number is known unless it is worked out from names.
 */
function isUpperBound(card: Card, type: CardType): boolean {
  const isMixed = settingOf(card, HOMOGENEOUS) === 'none';
  if (settingOf(card, MIG) === 'on') return isSriov(card) || isMixed;
  if (isMixed) return !isPlaced(card, type);
  return isGuess(type) || (isSriov(card) && card.isFunctions !== true);
}

function explain(card: Card, parent: string, type: CardType): Explanation {
  const number = available(card, parent, type);
  const isBound = isUpperBound(card, type);
  const facts = {
    available: number,
    maximum: available({ ...card, devices: [] }, parent, type),
    confidence: isBound && number > 0 ? 'upper-bound' : 'exact',
  } as const;
  if (!isSriov(card)) {
    const { rule, blockedBy } = verdictOf(card, type);
    return explanation({ ...facts, rule: rule(), blockers: blockedBy() });
  }
  const tenants = card.devices.filter((device) => device.parent === parent);
  const neighbours = card.devices.filter((device) => device.parent !== parent);
  const { left, rule, blockedBy } = verdictOf({ ...card, devices: neighbours }, type);
  return explanation({
    ...facts,
    rule: `A virtual function takes one vGPU. ${rule()}`,
    blockers: left > 0 ? tenants : [...tenants, ...blockedBy()],
  });
}

/**
 * NVIDIA vGPU (mediated devices: Linux below 6.8, or GPUs before Ada).
 *
 * - A type's `max_instance` counts per GPU. Once a vGPU exists, types of another framebuffer size have none left:
 *   equal-size mode, https://docs.nvidia.com/vgpu/deployment/citrix-virtual-apps/latest/vgpu-profile.html; seen in
 *   https://github.com/mdevctl/mdevctl/issues/59. Setting `homogeneous`: `framebuffer`, `type` (stricter: one type
 *   per GPU), or `none` (mixed-size mode, an upper bound).
 * - SR-IOV GPUs: each virtual function takes one vGPU, the GPU still `max_instance`; the other functions show 1 until
 *   that is reached (https://bugs.launchpad.net/nova/+bug/2041519), so that their sum says too much.
 *   Setting `sriov`: `yes`, or `auto` (when the card has several parents).
 * - MIG mode (setting `mig`: `off`, `on`): MIG-backed types only, in GPU instances; see {@link migVerdict}.
 * - The vGPUs of one VM are committed together when the first is opened: one more
 *   cannot be opened or closed while the VM runs; setting `hotplug`: `refused` or `allowed`.
 * - The driver is not public: which errno it refuses with (here ENOSPC) and what it binds vGPUs to are not documented.
 * - Attributes: num_heads, frl_config, framebuffer (KiB), hres, vres, max_instance. The guest sees the GPU's own ids
 *   (https://github.com/DualCoder/vgpu_unlock/issues/71), but not its class: a 3D controller becomes a VGA controller.
 */
export const nvidia: Driver = {
  name: 'nvidia',
  typeTable: ['vgpu_type_id', 'vgpu_type'],
  mdevDriver: 'nvidia-vgpu-vfio',
  subsystem: 'pci',
  loads: "NVIDIA's vGPU manager",
  settings: [HOMOGENEOUS, SRIOV, HOTPLUG, MIG, INSTANCES],
  unseen:
    "MIG mode, ECC's reserve, a domain that has the whole GPU, or a program of the host may take it: `nvidia-smi -q` shows modes and processes, `nvidia-smi mig -lgi` the GPU instances.",
  refusals: nvidiaRefusals,
  functions: functionFiles,
  facts: nvidiaFacts,
  typeFile: vgpuConfig,
  lacking: lackingItems,
  setup: nvidiaSetup,
  obstacles: nvidiaObstacles,
  frameworks: nvidiaFrameworks,
  oddTypes: otherBoard,
  readName: parseNvidiaTypeName,
  vmRules: [oneBoardAndSeries, severalAtAll],
  paramsAttribute: 'nvidia/vgpu_params',
  // The GPU instance has the places, and a vGPU in its place the parameters.
  attributeOrder: functionFiles.attributes,
  // Only boards with MIG-backed types have the mode.
  offers: (card) => settingOf(card, MIG) === 'off' || card.types.some(isMigBacked),
  available,
  most,
  refusal: (card, parent, type) => (available(card, parent, type) > 0 ? undefined : 'ENOSPC'),
  share,
  explain,
  attributes: (type) => factsOf(type).attributes,
  deviceAttributes: () => [{ name: 'nvidia/vgpu_params', value: '', mode: 0o644 }],
  // The guide as a whole: which page says it for KVM could not be looked up where this was written.
  hotplugRule: {
    what: 'an NVIDIA vGPU',
    source: 'https://docs.nvidia.com/vgpu/latest/grid-vgpu-user-guide/',
  },
  hotplugRefusal: (card, _change, device) => {
    if (device.holder === undefined || settingOf(card, HOTPLUG) === 'allowed') return undefined;
    const isCommitted = card.devices.some(
      (other) => other.uuid !== device.uuid && other.holder === device.holder,
    );
    return isCommitted ? 'EBUSY' : undefined;
  },
  guestPci: (_type, parent) =>
    parent && guestPciDevice({ product: parent.product, vendor: parent.vendor }),
};
