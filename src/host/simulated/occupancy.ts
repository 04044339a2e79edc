import type { Card, CardDevice } from '../../drivers/driver.ts';
import { HostError } from '../host.ts';
import { isFlat, typeOfDevice } from '../sysfs/mdev-layout.ts';
import {
  DEV_VFIO,
  IOMMU_GROUPS,
  MDEV_DEVICES,
  MDEV_DRIVERS,
  VFIO_DEVICES,
} from '../sysfs/paths.ts';
import { iommuGroupOf, linkName, namesIfAny } from '../sysfs/values.ts';
import { baseName, type Tree } from '../tree.ts';
import { type ParentWithCard, readCard, updateChangedCounts, updateCounts } from './cards.ts';
import type { DeviceFacts } from './device-tree.ts';
import { isOfVfio } from './kernel.ts';
import { lowestFree } from './numbers.ts';
import { CHANGING } from './paths.ts';
import type { SimulatedCard } from './profile.ts';

/** The numbers of a new device: that of its IOMMU group and that of its `vfio-dev`. */
export interface DeviceNumbers {
  readonly group: number;
  readonly index: number;
}

/** Returns the name of the domain that has a device open. */
export type HolderOf = (uuid: string) => string | undefined;

/** The state that a kernel's drivers keep about their cards: the existing devices and the numbers in use. */
export interface Occupancy {
  /** A card with its current devices. None is open unless `holder` names a domain. */
  snapshot(card: SimulatedCard, holder?: HolderOf): Card;
  /** The facts of an existing device, without its attributes. Throws EBADMSG when they cannot be read. */
  factsOf(target: ParentWithCard, uuid: string): DeviceFacts;
  /** The lowest free numbers. */
  nextNumbers(): DeviceNumbers;
  /** Called when a device's files were created; `before` is its card without the device. */
  created(card: SimulatedCard, before: Card, device: DeviceFacts): void;
  /** Called when a device's files were removed; `before` is its card with the device. */
  removed(card: SimulatedCard, before: Card, device: DeviceFacts): void;
  /** Called when a device's driver was bound or unbound, by which its card came from `before` to `after`. */
  rebound(card: SimulatedCard, before: Card, after: Card, device: DeviceFacts): void;
  /** Called when a parent of a card was registered or unregistered, when it has no devices. */
  parentsChanged(card: SimulatedCard): void;
}

/** For a tree that other processes change, too: it is read each time, and changed counts are written. */
export class TreeOccupancy implements Occupancy {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  snapshot(card: SimulatedCard, holder: HolderOf = () => undefined): Card {
    const snapshot = readCard(this.#tree, card, holder);
    if (card.functions !== undefined || this.#tree.kind(CHANGING) === undefined) {
      return snapshot;
    }
    // A folder that is not on the bus is what an interrupted change left.
    const isDevice = ({ uuid }: CardDevice): boolean =>
      this.#tree.kind(`${MDEV_DEVICES}/${uuid}`) !== undefined;
    return { ...snapshot, devices: snapshot.devices.filter(isDevice) };
  }

  factsOf({ parent, card }: ParentWithCard, uuid: string): DeviceFacts {
    const path = `${parent.path}/${uuid}`;
    const type = typeOfDevice(this.#tree, path);
    const flat = isFlat(this.#tree, parent.path);
    const group = iommuGroupOf(this.#tree, path);
    const bound = linkName(this.#tree, `${path}/driver`);
    const own = card.driver.mdevDriver;
    // One that is bound to no driver is removed all the same, with what is left of it on the bus.
    const isLeft = this.#tree.kind(`${MDEV_DRIVERS}/${own}/${uuid}`) !== undefined;
    const driver = bound ?? (isLeft ? own : undefined);
    const [vfioDevice] = namesIfAny(this.#tree, `${path}/vfio-dev`);
    const number = /^vfio(\d+)$/.exec(vfioDevice ?? '')?.[1];
    const isUnknown = vfioDevice !== undefined && number === undefined;
    const hasNone =
      driver !== undefined && isOfVfio(card) && group === undefined && number === undefined;
    if (type === undefined || hasNone || isUnknown) {
      throw new HostError('EBADMSG', path);
    }
    const index = number === undefined ? undefined : Number(number);
    const cdev = this.#tree.kind(`${DEV_VFIO}/devices/vfio${index}`) !== undefined;
    return {
      uuid,
      parentPath: parent.path,
      type,
      driver,
      group,
      index,
      cdev,
      flat,
      attributes: [],
    };
  }

  nextNumbers(): DeviceNumbers {
    return {
      group: lowestFree(this.#tree, IOMMU_GROUPS),
      index: lowestFree(this.#tree, VFIO_DEVICES, 'vfio'),
    };
  }

  created(card: SimulatedCard, before: Card, device: DeviceFacts): void {
    updateChangedCounts(this.#tree, card, before, withDevice(before, device));
  }

  removed(card: SimulatedCard, before: Card, device: DeviceFacts): void {
    updateChangedCounts(this.#tree, card, before, withoutDevice(before, device));
  }

  rebound(card: SimulatedCard, before: Card, after: Card): void {
    updateChangedCounts(this.#tree, card, before, after);
  }

  parentsChanged(card: SimulatedCard): void {
    updateCounts(this.#tree, card);
  }
}

/** A card with one more device. */
export function withDevice(card: Card, { uuid, parentPath, type }: DeviceFacts): Card {
  return { ...card, devices: [...card.devices, { uuid, parent: baseName(parentPath), type }] };
}

/** A card without one of its devices. */
export function withoutDevice(card: Card, { uuid }: Pick<DeviceFacts, 'uuid'>): Card {
  return { ...card, devices: card.devices.filter((other) => other.uuid !== uuid) };
}
