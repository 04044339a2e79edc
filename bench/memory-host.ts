import { contextOf } from '../src/engine/open.ts';
import { createManager } from '../src/engine/manager.ts';
import type { EngineManager } from '../src/engine/node-device-manager.ts';
import type { DeviceOperation } from '../src/engine/devices/operations.ts';
import { connect } from '../src/index.ts';
import type { HostParent } from '../src/host/host.ts';
import { SimulatedHost } from '../src/host/simulated/host.ts';
import { createMemoryHost, simulateInMemory } from '../src/host/simulated/memory.ts';
import { parseProfile } from '../src/host/simulated/parse-profile.ts';
import type { HostProfile, ProfileParent } from '../src/host/simulated/profile.ts';
import { readSampleProfile } from '../src/host/simulated/samples.ts';
import { byTurns } from './measure.ts';
import { plantedUuid } from './planted-tree.ts';
import type { Row } from './table.ts';

const ROUNDS = 7;
/** What one GPU of the sample takes of its smallest type. */
export const PER_GPU = 16;
const TIMES = 500;
/** How many one change creates. */
const APPLIED = 1000;

/**
 * Devices per second, each created and destroyed again: on the in-memory host by the writes to `create` and `remove`
 * (with a look-up of the device between them), and through the engine: from XML, 16 documents in one create and one
 * document in each, and as `apply` does it, many in one change.
 */
export async function memoryHosts(): Promise<readonly Row[]> {
  const manager = await connect('test:///default');
  const m60 = createMemoryHost(readSampleProfile('nvidia-m60'));
  const a40 = createMemoryHost(readSampleProfile('nvidia-a40'));
  const onM60 = targets(m60, PER_GPU, 1);
  const onA40 = targets(a40, 1, PER_GPU);
  const large = largeHost(APPLIED);
  const applying = createManager('test:///default', contextOf(large), large);
  const operations = creations(large, APPLIED);
  const documents = Array.from({ length: PER_GPU }, (_, index) => documentOf(plantedUuid(index)));
  const time = await byTurns(ROUNDS, [
    ['m60', () => repeat(TIMES, () => createAndDestroy(m60, onM60))],
    ['a40', () => repeat(TIMES, () => createAndDestroy(a40, onA40))],
    [
      'engine',
      () =>
        repeat(TIMES / 10, async () => {
          const { devices } = await manager.create(documents);
          await manager.destroy(devices.map(({ name }) => name));
        }),
    ],
    [
      'engine, one',
      () =>
        repeat(TIMES / 10, async () => {
          for (const document of documents) {
            const { devices } = await manager.create(document);
            await manager.destroy(devices.map(({ name }) => name));
          }
        }),
    ],
    ['apply', () => applyAndUndo(applying, operations)],
  ]);
  await manager.close();
  await applying.close();
  const row = (what: string, name: string, devices: number, aim?: Row['aim']): Row => ({
    what: `create and destroy, ${what}`,
    figure: (devices * 1000) / time(name),
    unit: 'devices/s',
    aim,
  });
  const aim = { of: 'figure', least: 50_000 } as const;
  return [
    row('in-memory host (M60)', 'm60', TIMES * PER_GPU, aim),
    row('in-memory host (A40, 32 functions)', 'a40', TIMES * PER_GPU, aim),
    row('engine, 16 documents at once', 'engine', (TIMES / 10) * PER_GPU),
    row('engine, one document at a time', 'engine, one', (TIMES / 10) * PER_GPU),
    row(`engine, ${APPLIED.toLocaleString('en-US')} in one change`, 'apply', APPLIED),
  ];
}

/** What creates so many devices, each a group of its own, on all parents of a host. */
export function creations(host: SimulatedHost, devices: number): readonly DeviceOperation[] {
  const { parents } = targets(host, PER_GPU);
  return Array.from({ length: devices }, (_, number) => {
    const uuid = plantedUuid(number);
    const [parent, type] = parents[Math.floor(number / PER_GPU)] ?? [];
    return {
      action: 'create',
      device: {
        uuid,
        parent: parent?.address ?? '',
        type: type ?? '',
        group: uuid,
        attributes: [],
      },
    };
  });
}

/** Creates devices in one change, and destroys them in another. */
export async function applyAndUndo(
  manager: EngineManager,
  operations: readonly DeviceOperation[],
): Promise<void> {
  await manager.change(operations);
  await manager.change(operations.map(({ device }) => ({ action: 'destroy', device })));
}

/** An in-memory host with room for so many devices, on GPUs that take 16 of one type each. */
export const largeHost = (devices: number): SimulatedHost =>
  gpuHost(Math.ceil(devices / PER_GPU), 1);

/** An in-memory host with so many GPUs of an M60, each with its first types, or all. */
export function gpuHost(gpus: number, types?: number): SimulatedHost {
  const profile = parseProfile(readSampleProfile('nvidia-m60'));
  const cards = Array.from({ length: gpus }, (_, index) =>
    profile.cards.slice(0, 1).map((card) => ({
      ...card,
      types: card.types.slice(0, types),
      parents: card.parents.map((parent) => copyOf(parent, index)),
    })),
  );
  const large: HostProfile = { ...profile, devices: [], cards: cards.flat() };
  return new SimulatedHost(simulateInMemory(large));
}

/** Where devices are to be created: so many on each parent, all of its first type. */
export interface Targets {
  readonly parents: readonly (readonly [parent: HostParent, type: string])[];
  readonly each: number;
}

/** The first parents of a host, or all. */
export function targets(host: SimulatedHost, each: number, parents?: number): Targets {
  const { items } = host.parents();
  return {
    parents: items
      .slice(0, parents)
      .map((parent) => [parent, host.types(parent).items[0]?.id ?? ''] as const),
    each,
  };
}

/** Creates all devices, and destroys them again. */
export function createAndDestroy(host: SimulatedHost, { parents, each }: Targets): void {
  let number = 0;
  for (const [parent, type] of parents) {
    for (let device = 0; device < each; device++) host.create(parent, type, plantedUuid(number++));
  }
  for (let device = 0; device < number; device++) {
    const found = host.find(plantedUuid(device));
    if (found !== undefined) host.remove(found);
  }
}

function copyOf({ device }: ProfileParent, index: number): ProfileParent {
  const address = `0000:${(index >> 5).toString(16).padStart(2, '0')}:${(index & 31).toString(16).padStart(2, '0')}.0`;
  const path = `/sys/devices/pci0000:00/${address}`;
  return { address, path, device: { ...device, path, capabilities: [{ ...PCI }] } };
}

const PCI = { kind: 'pci', capabilities: [], extra: [] } as const;

async function repeat(times: number, work: () => unknown): Promise<void> {
  for (let time = 0; time < times; time++) await work();
}

const documentOf = (uuid: string): string =>
  `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-11'/><uuid>${uuid}</uuid></capability></device>`;
