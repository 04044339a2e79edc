import { groupBy } from '../../group-by.ts';
import { type Host, type HostDevice, HostError } from '../../host/host.ts';
import { PEER_UUID } from '../../host/peer-to-peer.ts';
import type { NamedValue } from '../../nodedev/device.ts';
import type { StoreView } from '../store/store.ts';
import type { Steps } from '../journal/steps.ts';
import { refusal } from '../wording/refusals.ts';
import { activeGroup } from './groups.ts';
import { deviceName } from './inventory.ts';

/** The uuid of the devices with which a device shares resources; undefined: its card knows no such sets. */
export function peerUuidOf(host: Host, device: HostDevice): string | undefined {
  const { parent, framework } = device.ref;
  if (framework !== 'mdev' || host.parent(parent) === undefined) return undefined;
  try {
    return host.readAttribute(device, PEER_UUID);
  } catch (error) {
    // So are all devices of today's drivers.
    if (error instanceof HostError && error.errno === 'ENOENT') return undefined;
    throw error;
  }
}

/** What is written to a new member of a group: the uuid of the members on its card. Its own is fresh, and stays when it is the first. */
export function peerWrites(
  host: Host,
  view: StoreView,
  device: HostDevice,
  group: string,
): readonly NamedValue[] {
  const own = peerUuidOf(host, device);
  if (own === undefined) return [];
  const value = uuidOnCard(host, view, device, group);
  return value === undefined || value === own ? [] : [{ name: PEER_UUID, value }];
}

/** Puts a device that was created again into the set of its group. */
export function joinPeers(
  host: Host,
  view: StoreView,
  device: HostDevice,
  group: string | undefined,
): void {
  if (group === undefined) return;
  for (const { name, value } of peerWrites(host, view, device, group)) {
    host.setAttribute(device, name, value);
  }
}

/** A device that goes from one set to another. */
export interface PeerMove {
  readonly device: HostDevice;
  readonly before: string;
  readonly after: string;
}

/**
 * How devices that go into another group, and so leave theirs, change their sets: to that of the group's members on their card;
 * without any, those of one card to a fresh one.
 */
export function peerMoves(
  host: Host,
  view: StoreView,
  devices: readonly HostDevice[],
  group: string,
  newUuid: () => string,
): readonly PeerMove[] {
  const moving = devices.flatMap((device) => {
    const before = peerUuidOf(host, device);
    return before === undefined ? [] : [{ device, before, card: cardOf(host, device).join() }];
  });
  return [...groupBy(moving, ({ card }) => card).values()].flatMap((ofCard) => {
    const [first] = ofCard;
    const after = (first && uuidOnCard(host, view, first.device, group)) ?? newUuid();
    return ofCard.map(({ device, before }) => ({ device, before, after }));
  });
}

/** Keeps the sets as they are in the journal, before devices change theirs. */
export function intendPeerMoves(steps: Steps, moves: readonly PeerMove[], group: string): void {
  steps.intend(
    moves.map(({ device: { ref, type }, before }) => ({
      do: 'set',
      uuid: ref.uuid,
      parent: ref.parent,
      type,
      group,
      values: [{ name: PEER_UUID, value: before }],
    })),
  );
}

/** Makes moves that were intended, each as a step. */
export function movePeers(host: Host, steps: Steps, moves: readonly PeerMove[]): void {
  for (const { device, before, after } of moves) {
    const name = deviceName(device);
    try {
      steps.run(
        `put ${name} into the set ${after}`,
        () => {
          host.setAttribute(device, PEER_UUID, after);
        },
        () => {
          if (host.readAttribute(device, PEER_UUID) === before) return false;
          host.setAttribute(device, PEER_UUID, before);
          return true;
        },
      );
    } catch (error) {
      throw refusal(error, `Unable to change with which devices '${name}' shares resources`, {
        type: device.type,
      });
    }
  }
}

/** That of another active member of a group on the device's card. Parents that share nothing are different cards. */
function uuidOnCard(
  host: Host,
  view: StoreView,
  device: HostDevice,
  group: string,
): string | undefined {
  const parents = new Set(cardOf(host, device));
  const { uuid } = device.ref;
  const others = activeGroup(host, view, group).active.filter(
    ({ ref }) => ref.uuid !== uuid && parents.has(ref.parent),
  );
  return others.map((other) => peerUuidOf(host, other)).find((each) => each !== undefined);
}

/** The parents of a device's card. */
function cardOf(host: Host, { ref }: HostDevice): readonly string[] {
  const parent = host.parent(ref.parent);
  return parent === undefined ? [] : host.card(parent).parents;
}
