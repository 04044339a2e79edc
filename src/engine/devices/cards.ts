import type { NodedevError } from '../../errors.ts';
import type { Host, HostParent } from '../../host/host.ts';
import { formatPciAddress } from '../../host/sysfs/pci-address.ts';
import { channelDeviceOf } from './channel-device.ts';
import { parentName } from './inventory.ts';
import { problem } from './list.ts';
import type { CardInfo, CardParent } from '../card-info.ts';
import type { ListResult } from '../listed-device.ts';

/** The host's physical cards, each once, in the order of their first parents. */
export function listCards(host: Host): ListResult<CardInfo> {
  const { items: parents, unreadable } = host.parents();
  const byAddress = new Map(parents.map((parent) => [parent.address, parent]));
  const problems = unreadable.map(problem);
  const seen = new Set<string>();
  const items: CardInfo[] = [];
  for (const parent of parents) {
    if (seen.has(parent.address)) continue;
    const { item, problems: unread } = cardOf(host, parent, byAddress);
    for (const { address } of item.parents) seen.add(address);
    problems.push(...unread);
    items.push(item);
  }
  return { items, problems };
}

/** The physical card of a parent. */
export function cardOf(
  host: Host,
  parent: HostParent,
  byAddress: ReadonlyMap<string, HostParent> = byAddressOf(host),
): { readonly item: CardInfo; readonly problems: readonly NodedevError[] } {
  const card = host.card(parent);
  const sharing = card.parents.flatMap((address) => byAddress.get(address) ?? []);
  const results = sharing.map((each) => cardParent(host, each));
  return {
    item: { card, parents: results.flatMap((result) => result.items) },
    problems: results.flatMap((result) => result.problems),
  };
}

const byAddressOf = (host: Host): ReadonlyMap<string, HostParent> =>
  new Map(host.parents().items.map((parent) => [parent.address, parent]));

function cardParent(host: Host, parent: HostParent): ListResult<CardParent> {
  const { items: types, unreadable } = host.types(parent);
  const { capabilities } = host.describeHardware(parent);
  const pci = capabilities.find((capability) => capability.kind === 'pci');
  const physical = pci?.capabilities.find((part) => part.kind === 'phys_function');
  const facts = {
    numaNode: pci?.numaNode,
    product: pci?.product?.text,
    channelDevice: channelDeviceOf(host, parent),
    physicalFunction: physical && formatPciAddress(physical.address),
  };
  return {
    items: [{ name: parentName(parent), address: parent.address, ...facts, types }],
    problems: unreadable.map(problem),
  };
}
