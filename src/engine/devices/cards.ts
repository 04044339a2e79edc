import type { Host, HostParent } from '../../host/host.ts';
import { parentName } from './inventory.ts';
import { problem } from './list.ts';
import type { CardInfo, CardParent, ListResult } from '../types.ts';

/** The host's physical cards, each once, in the order of their first parents. */
export function listCards(host: Host): ListResult<CardInfo> {
  const { items: parents, unreadable } = host.parents();
  const byAddress = new Map(parents.map((parent) => [parent.address, parent]));
  const problems = unreadable.map(problem);
  const seen = new Set<string>();
  const items: CardInfo[] = [];
  for (const parent of parents) {
    if (seen.has(parent.address)) continue;
    const card = host.card(parent);
    const sharing = card.parents.flatMap((address) => byAddress.get(address) ?? []);
    for (const { address } of sharing) seen.add(address);
    const results = sharing.map((each) => cardParent(host, each));
    problems.push(...results.flatMap((result) => result.problems));
    items.push({ card, parents: results.flatMap((result) => result.items) });
  }
  return { items, problems };
}

function cardParent(host: Host, parent: HostParent): ListResult<CardParent> {
  const { items: types, unreadable } = host.types(parent);
  const { capabilities } = host.describeParent(parent);
  const pci = capabilities.find((capability) => capability.kind === 'pci');
  const facts = { numaNode: pci?.numaNode, product: pci?.product?.text };
  return {
    items: [{ name: parentName(parent), address: parent.address, ...facts, types }],
    problems: unreadable.map(problem),
  };
}
