import { pciAddressText } from '../domain/address.ts';
import type { DomainHostdev } from '../domain/domain.ts';
import { replaceHostdev } from '../domain/replace-hostdev.ts';
import { differingFacts, guestFactsOf } from '../drivers/guest-facts.ts';
import type { TypeInfo } from '../engine/card-info.ts';
import { NodedevError } from '../errors.ts';
import type { MdevCapability, NodeDevice, PciAddress, PciCapability } from '../nodedev/device.ts';

/** A device of a VM that is to move, as it is on the host it leaves. */
export interface MovingDevice {
  /** In the domain, and there. */
  readonly uuid: string;
  readonly hostdev: DomainHostdev;
  readonly mdev: MdevCapability;
  readonly type: TypeInfo;
  /** What its parent is, if that is a PCI device. */
  readonly pci: PciCapability | undefined;
}

/** A device that takes its place on the other host. */
export interface ArrivingDevice {
  readonly from: MovingDevice;
  readonly uuid: string;
  readonly type: TypeInfo;
}

/**
 * The type of the other host that is the same to a guest: by id, else by name, and then by all that a guest sees of it.
 *
 * @throws NodedevError `type-unknown`: it has no type of this id or name; `type-mismatch`: what a guest would see is other
 */
export function sameType(
  { type }: Pick<MovingDevice, 'type'>,
  offered: readonly TypeInfo[],
): TypeInfo {
  const byId = offered.filter((one) => one.id === type.id);
  const byName = offered.filter((one) => type.name !== undefined && one.name === type.name);
  const named = byId.length > 0 ? byId : byName;
  const same = named.find((one) => changesFor(type, undefined, one, undefined).length === 0);
  if (same !== undefined) return same;
  const [first] = named;
  if (first !== undefined) throw typeDiffers(type, changesFor(type, undefined, first, undefined));
  throw new NodedevError('type-unknown', `the other host has no type ${textOf(type)}`, {
    hint: 'a guest cannot get another type while it moves: choose a host with the same GPU and driver',
  });
}

/**
 * Refuses a place where the PCI device that the guest sees is another: some vendors give it the ids of the parent.
 *
 * @param there what the parent is there
 * @throws NodedevError `type-mismatch`
 */
export function requireSameDevice(
  { type, pci }: Pick<MovingDevice, 'type' | 'pci'>,
  arriving: TypeInfo,
  there: PciCapability | undefined,
): void {
  const changes = changesFor(type, pci, arriving, there);
  if (changes.length > 0) throw typeDiffers(type, changes);
}

const changesFor = (
  before: TypeInfo,
  pci: PciCapability | undefined,
  now: TypeInfo,
  there: PciCapability | undefined,
): readonly string[] =>
  differingFacts(
    guestFactsOf(now, now.attributes, there),
    guestFactsOf(before, before.attributes, pci),
  );

const textOf = ({ id, name }: TypeInfo): string => (name === undefined ? id : `${id} (${name})`);

const typeDiffers = (type: TypeInfo, changes: readonly string[]): NodedevError =>
  new NodedevError(
    'type-mismatch',
    `${textOf(type)} is another one on the other host: ${changes.join('; ')}`,
    { hint: 'the guest would see its device change: choose a host with the same GPU and driver' },
  );

/** The document of a device for the other host: its settings, with a parent, type, uuid and group there. */
export function arrivingDocument(
  { from, uuid, type }: ArrivingDevice,
  parent: string,
  group: string,
): NodeDevice {
  const { attributes, params } = from.mdev;
  return {
    devnodes: [],
    parent: { name: parent },
    capabilities: [
      {
        kind: 'mdev',
        types: [{ id: type.id, attributes: [], extra: [] }],
        uuid,
        group,
        attributes,
        params,
        extra: [],
      },
    ],
    extra: [],
  };
}

/**
 * The domain with the devices of the other host in place of its own; all else is as it was.
 *
 * @param devices with their addresses there, where they are functions
 */
export function movedDomain(
  text: string,
  devices: readonly (ArrivingDevice & { readonly function?: PciAddress | undefined })[],
  file: string | undefined,
): string {
  const functions = Object.fromEntries(
    devices.flatMap(({ from: { mdev, uuid } }) =>
      mdev.function === undefined ? [] : [[pciAddressText(mdev.function), uuid]],
    ),
  );
  return devices.reduce((edited, { from, uuid, type, function: at }) => {
    const model =
      from.hostdev.mdev?.model ?? (type.deviceApi === 'vfio-ap' ? 'vfio-ap' : 'vfio-pci');
    return replaceHostdev(edited, from.uuid, { uuid, model, function: at }, { file, functions });
  }, text);
}
