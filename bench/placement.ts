import type { CardInfo } from '../src/engine/types.ts';
import { listCards } from '../src/engine/cards.ts';
import { createMemoryHost } from '../src/host/simulated/memory.ts';
import { readSampleProfile } from '../src/host/simulated/samples.ts';
import { place } from '../src/plan/place.ts';
import type { PlacementRequest, Policy } from '../src/plan/placement.ts';
import { median, type Section } from './table.ts';

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
export function placement(): Section {
  const cards = fleet(GPUS);
  return {
    title: `Placement of ${total(REQUESTS)} devices on ${GPUS} SR-IOV GPUs (median of ${ROUNDS})`,
    rows: (['pack', 'spread'] as const).map((policy) => row(cards, policy)),
  };
}

function row(cards: readonly CardInfo[], policy: Policy): Section['rows'][number] {
  const times: number[] = [];
  let told = '';
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const found = place(cards, REQUESTS, policy);
    times.push(performance.now() - start);
    told = found.fits
      ? `cost ${found.cost}, bound ${found.bound}, gap ${gap(found.cost, found.bound)}`
      : found.reason;
  }
  return { name: `${policy}: ${told}`, milliseconds: median(times) };
}

const gap = (cost: number, bound: number): string =>
  `${(((cost - bound) / Math.max(1, bound)) * 100).toFixed(2)} %`;

const total = (requests: readonly PlacementRequest[]): number =>
  requests.reduce((sum, { count = 1 }) => sum + count, 0);

/** Copies of the sample's GPU, on two NUMA nodes. */
function fleet(size: number): readonly CardInfo[] {
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
