import type { Card } from '../../drivers/driver.ts';
import { HostError } from '../host.ts';
import { IOMMU_GROUPS, VFIO_DEVICES } from '../sysfs/paths.ts';
import { namesIfAny } from '../sysfs/values.ts';
import type { MemoryTree } from '../memory-tree.ts';
import { computeCounts, type ParentWithCard, readCard } from './cards.ts';
import type { DeviceFacts } from './device-tree.ts';
import { NumberPool } from './number-pool.ts';
import {
  type DeviceNumbers,
  type HolderOf,
  type Occupancy,
  withDevice,
  withoutDevice,
} from './occupancy.ts';
import type { SimulatedCard, SimulatedHardware } from './profile.ts';

/** For a tree that no other process changes: all is kept in memory, so that the time of a change does not depend on the host's size. */
export class MemoryOccupancy implements Occupancy {
  readonly #cards = new Map<SimulatedCard, Card>();
  readonly #devices = new Map<string, DeviceFacts>();
  readonly #tree: MemoryTree;
  readonly #groups = new NumberPool();
  readonly #indices = new NumberPool();

  /** @param tree - the tree of the hardware, still without devices */
  constructor(tree: MemoryTree, hardware: SimulatedHardware) {
    this.#tree = tree;
    for (const card of hardware.cards) this.#cards.set(card, readCard(tree, card));
    for (const group of tree.names(IOMMU_GROUPS)) this.#groups.take(Number(group));
    // Functions are VFIO devices from the start.
    for (const name of namesIfAny(tree, VFIO_DEVICES)) this.#indices.take(Number(name.slice(4)));
  }

  snapshot(card: SimulatedCard, holder?: HolderOf): Card {
    // A function's type is in the tree only, and its files take no time there.
    if (card.functions !== undefined) return readCard(this.#tree, card, holder);
    const snapshot = this.#cards.get(card);
    if (snapshot === undefined) throw new Error('a card of another host');
    if (holder === undefined) return snapshot;
    const devices = snapshot.devices.map((device) => ({ ...device, holder: holder(device.uuid) }));
    return { ...snapshot, devices };
  }

  factsOf({ parent }: ParentWithCard, uuid: string): DeviceFacts {
    const facts = this.#devices.get(uuid);
    if (facts?.parentPath !== parent.path) throw new HostError('EBADMSG', `${parent.path}/${uuid}`);
    return facts;
  }

  nextNumbers(): DeviceNumbers {
    return { group: this.#groups.lowest(), index: this.#indices.lowest() };
  }

  created(card: SimulatedCard, before: Card, device: DeviceFacts): void {
    this.#cards.set(card, withDevice(before, device));
    this.#take(device);
  }

  rebound(card: SimulatedCard, _before: Card, after: Card, device: DeviceFacts): void {
    this.#cards.set(card, after);
    const old = this.#devices.get(device.uuid);
    if (old !== undefined) this.#release(old);
    this.#take(device);
  }

  removed(card: SimulatedCard, before: Card, device: DeviceFacts): void {
    this.#cards.set(card, withoutDevice(before, device));
    this.#release(device);
  }

  parentsChanged(card: SimulatedCard): void {
    this.#cards.set(card, readCard(this.#tree, card));
    computeCounts(this.#tree, { cards: [card] }, () => this.snapshot(card));
  }

  #take(device: DeviceFacts): void {
    this.#devices.set(device.uuid, device);
    if (device.group !== undefined) this.#groups.take(device.group);
    if (device.index !== undefined) this.#indices.take(device.index);
  }

  #release({ uuid, group, index }: DeviceFacts): void {
    this.#devices.delete(uuid);
    if (group !== undefined) this.#groups.release(group);
    if (index !== undefined) this.#indices.release(index);
  }
}
