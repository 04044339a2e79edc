import type { CardInfo } from '../src/engine/card-info.ts';
import { listCards } from '../src/engine/devices/cards.ts';
import { createMemoryHost } from '../src/host/simulated/memory.ts';
import { readSampleProfile } from '../src/host/simulated/samples.ts';
import { place } from '../src/plan/place.ts';
import type { PlacementRequest, Policy } from '../src/plan/placement.ts';
import { byTurns } from './measure.ts';
import type { Row } from './table.ts';

const ROUNDS = 5;
const GPUS = 512;

/** 10,000 vGPUs of six sizes, some of them in groups, on 512 A40s with 32 virtual functions each. */
const REQUESTS: readonly PlacementRequest[] = [
  { type: 'A40-48Q', count: 30 },
  { type: 'framebuffer>=16G,series=Q', count: 120 },
  { type: 'A40-8Q', count: 300 },
  { type: 'A40-4Q', count: 1010 },
  ...Array.from({ length: 20 }, (_, index) => ({
    type: 'A40-2Q',
    count: 8,
    group: `vm${index}`,
    affinity: 'same-numa-node' as const,
  })),
  { type: 'A40-2B', count: 2880 },
  { type: 'A40-1Q', count: 5500 },
];

/** Placing 10,000 devices on 512 GPUs. */
export async function placement(): Promise<readonly Row[]> {
  const cards = fleet(GPUS);
  const policies: readonly Policy[] = ['pack', 'spread'];
  const time = await byTurns(
    ROUNDS,
    policies.map((policy) => [policy, () => place(cards, REQUESTS, policy)]),
  );
  const devices = total(REQUESTS).toLocaleString('en-US');
  return policies.map((policy) => ({
    what: `place ${devices} devices on ${GPUS} GPUs, ${policy} (${quality(place(cards, REQUESTS, policy))})`,
    figure: time(policy),
    unit: 'ms',
    aim: { of: 'figure', most: 1000 },
  }));
}

const quality = (found: ReturnType<typeof place>): string =>
  found.fits ? `gap ${gap(found.cost, found.bound)}` : found.reason;

const gap = (cost: number, bound: number): string =>
  `${(((cost - bound) / Math.max(1, bound)) * 100).toFixed(2)} %`;

const total = (requests: readonly PlacementRequest[]): number =>
  requests.reduce((sum, { count = 1 }) => sum + count, 0);

/** Copies of the sample's GPU, on two NUMA nodes. */
export function fleet(size: number): readonly CardInfo[] {
  const [gpu] = listCards(createMemoryHost(readSampleProfile('nvidia-a40'))).items;
  if (gpu === undefined) return [];
  return Array.from({ length: size }, (_, index) => ({
    card: { ...gpu.card, parents: gpu.card.parents.map((address) => `${index}-${address}`) },
    parents: gpu.parents.map((parent) => ({
      ...parent,
      name: `gpu${index}_${parent.name}`,
      address: `${index}-${parent.address}`,
      numaNode: index % 2,
    })),
  }));
}
