import { groupBy } from '../../group-by.ts';
import type { Card, CardDevice, CardType, DriverSetting } from '../driver.ts';
import { once } from '../once.ts';
import { settingOf } from '../settings.ts';
import { listedInstances } from './board-types.ts';
import { maxInstanceOf, type Verdict } from './facts.ts';
import { parseNvidiaTypeName } from './type-name.ts';

export const MIG: DriverSetting = { name: 'mig', default: 'off', words: ['off', 'on'] };

/** One GPU instance, or some alike: `1g.5gb`, `2g.10gb*3`, `1g.5gb+me`. */
const INSTANCE = /^(\d{1,2})g\.(\d{1,3})gb(?:[+-][a-z]+(?:\.[a-z]+)?)?(?:\*([1-9]\d?))?$/;

/** The setting's word for a GPU that has no GPU instance yet. */
const NO_INSTANCE = 'none';

export const INSTANCES: DriverSetting = {
  name: 'instances',
  default: '',
  text: {
    isValid: (value) =>
      value === '' ||
      value === NO_INSTANCE ||
      value.split(',').every((part) => INSTANCE.test(part)),
    expected: "GPU instances as in 'nvidia-smi mig -lgi': 3g.20gb,1g.5gb*4",
  },
};

/** The profiles of the instances that the setting names, one entry for each. */
export const instancesOf = (value: string): readonly string[] =>
  value === '' || value === NO_INSTANCE
    ? []
    : value.split(',').flatMap((part) => {
        const [profile = '', count = '1'] = part.split('*');
        return Array.from({ length: Number(count) }, () => profile);
      });

/** The setting for these instances. */
export const writeInstances = (profiles: readonly string[]): string =>
  profiles.length === 0
    ? NO_INSTANCE
    : [...groupBy(profiles, (profile) => profile)]
        .map(([profile, alike]) => (alike.length === 1 ? profile : `${profile}*${alike.length}`))
        .join(',');

/**
 * Slices of a GPU in MIG mode by its compute slices: 7 have 8 slices of memory, 4 have 4, 2 have 2. A board with another
 * number is not known, and offers nothing rather than a guess.
 * https://docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-mig-profiles.html (fractions of memory and SMs)
 */
const MEMORY_SLICES: ReadonlyMap<number, number> = new Map([
  [7, 8],
  [4, 4],
  [2, 2],
]);

/** What a GPU is cut into. */
interface Slices {
  readonly compute: number;
  readonly memory: number;
}

/** What a MIG-backed type needs. */
interface Need extends Slices {
  /** Framebuffer in GB, as its name says. */
  readonly size: number;
  /** How many vGPUs share one GPU instance: more than one on Blackwell only. */
  readonly seats: number;
  /** The most vGPUs of the type on one GPU. */
  readonly most: number;
}

interface Gpu extends Slices {
  readonly needs: ReadonlyMap<string, Need>;
}

/**
 * The GPU by its types: the largest MIG-backed one takes all compute slices, unless the tables list a larger one of the board.
 * Undefined: the board is not known.
 */
const gpuOf = once((types: readonly CardType[]): Gpu | undefined => {
  const named = types.flatMap((type) => {
    const name = parseNvidiaTypeName(type.name ?? '');
    if (name?.slices === undefined) return [];
    const { board, slices, size } = name;
    return [{ id: type.id, board, slices, size, most: maxInstanceOf(type) }];
  });
  const all = [...named, ...listedInstances(named[0]?.board ?? '')];
  const compute = Math.max(0, ...all.map(({ slices }) => slices));
  const memory = MEMORY_SLICES.get(compute);
  if (memory === undefined) return undefined;
  const whole = Math.max(...all.map(({ size }) => size));
  const needs = named.map(({ id, slices, size, most }): readonly [string, Need] => {
    const took = Math.max(1, Math.round((size * memory) / whole));
    const instances = Math.min(Math.floor(compute / slices), Math.floor(memory / took));
    const seats = Math.max(1, Math.floor(most / Math.max(1, instances)));
    return [id, { compute: slices, memory: took, size, seats, most }];
  });
  return { compute, memory, needs: new Map(needs) };
});

export const isMigBacked = (type: Pick<CardType, 'name'>): boolean =>
  parseNvidiaTypeName(type.name ?? '')?.slices !== undefined;

/**
 * MIG-backed vGPUs: each has a GPU instance, or shares one with others of its framebuffer size. The first number of a
 * type's name is the compute slices. Instances of several sizes share the GPU's slices. They are the card's setting
 * `instances`; without it they are made as the vGPUs need them. Where in the GPU an instance may be placed is not
 * counted, so that beside instances of other sizes there may be room for fewer.
 * https://docs.nvidia.com/ai-enterprise/release-7/latest/infra-software/vgpu/features/mig-backed-vgpu.html
 */
export function migVerdict(card: Card, type: CardType): Verdict {
  const gpu = gpuOf(card.types);
  const need = gpu?.needs.get(type.id);
  if (!isMigBacked(type)) {
    return nothing(`The GPU is in MIG mode, which has no time-sliced vGPUs such as ${type.id}.`);
  }
  if (gpu === undefined || need === undefined) {
    return nothing('What MIG-backed vGPUs take of this board is not known.');
  }
  const same = (id: string): boolean => isSame(need, gpu.needs.get(id));
  const alike = card.devices.filter((device) => same(device.type)).length;
  const ofType = card.devices.filter((device) => device.type === type.id).length;
  const taken = takenInstances(card, gpu);
  const own = taken.find(([other]) => isSame(need, other))?.[1] ?? 0;
  const given = settingOf(card, INSTANCES);
  const { free, rule } =
    given === ''
      ? freeSlices(gpu, need, taken, type.id)
      : freeInstances(given, need, taken, type.id);
  const left = Math.min((free + own) * need.seats - alike, need.most - ofType);
  return { left: Math.max(0, left), rule: () => rule, blockedBy: () => card.devices };
}

/** Why a MIG-backed type has none while the mode is off. */
export const migIsOff = (type: CardType): Verdict =>
  nothing(
    `${type.id} is backed by a GPU instance, and the GPU is not in MIG mode (\`nvidia-smi -mig 1\` begins it).`,
  );

const nothing = (rule: string): Verdict => ({ left: 0, rule: () => rule, blockedBy: () => [] });

type Taken = readonly (readonly [need: Need, instances: number])[];

/** The instances that the card's devices are in. */
function takenInstances(card: Card, { needs }: Gpu): Taken {
  const known = card.devices.flatMap((device: CardDevice) => needs.get(device.type) ?? []);
  return [...groupBy(known, keyOf).values()].flatMap((group) => {
    const [need] = group;
    return need === undefined ? [] : [[need, Math.ceil(group.length / need.seats)] as const];
  });
}

interface Free {
  readonly free: number;
  readonly rule: string;
}

function freeSlices(gpu: Gpu, need: Need, taken: Taken, id: string): Free {
  const used = (amount: (slices: Slices) => number): number =>
    taken.reduce((sum, [other, instances]) => sum + instances * amount(other), 0);
  const compute = gpu.compute - used((slices) => slices.compute);
  const memory = gpu.memory - used((slices) => slices.memory);
  return {
    free: Math.min(Math.floor(compute / need.compute), Math.floor(memory / need.memory)),
    rule: `In MIG mode ${id} takes ${need.compute} of ${gpu.compute} compute slices and ${need.memory} of ${gpu.memory} memory slices; ${compute} and ${memory} are left${sharing(need)}.`,
  };
}

function freeInstances(given: string, need: Need, taken: Taken, id: string): Free {
  const total = given.split(',').reduce((sum, part) => {
    const [, compute, size, count = '1'] = INSTANCE.exec(part) ?? [];
    const fits = Number(compute) === need.compute && isRoomy(Number(size), need);
    return fits ? sum + Number(count) : sum;
  }, 0);
  const used = taken
    .filter(([other]) => other.compute === need.compute && (need.seats > 1 || isSame(need, other)))
    .reduce((sum, [, instances]) => sum + instances, 0);
  return {
    free: total - used,
    rule: `${id} needs a GPU instance of ${need.compute} compute slices and ${need.size} GB; this GPU has ${total}, and ${Math.max(0, total - used)} of them without a vGPU${sharing(need)}.`,
  };
}

/** A shared instance may be larger than one vGPU, another is just as large. */
const isRoomy = (size: number, need: Need): boolean =>
  need.seats > 1 ? size >= need.size : size === need.size;

const sharing = ({ seats }: Need): string =>
  seats > 1 ? ` (${seats} of one framebuffer size share an instance)` : '';

const keyOf = ({ compute, size, seats }: Need): string =>
  `${compute}/${size}/${seats > 1 ? 's' : ''}`;

const isSame = (need: Need, other: Need | undefined): boolean =>
  other !== undefined && keyOf(need) === keyOf(other);

/** The part of the GPU's compute slices that one vGPU takes. */
export function migShare(card: Card, type: CardType): number {
  const gpu = gpuOf(card.types);
  const need = gpu?.needs.get(type.id);
  return gpu === undefined || need === undefined ? 1 : need.compute / gpu.compute / need.seats;
}
