import type { Host, SetupCard } from '../../host/host.ts';
import { addressOf } from '../../nodedev/names.ts';

/** The cards whose virtual functions, which have the devices, are off. */
export const offCards = (host: Host): readonly SetupCard[] =>
  host
    .hardware()
    .items.filter(({ subsystem }) => subsystem === 'pci')
    .flatMap(({ address }) => host.setupCard(address) ?? [])
    .filter(({ isOn }) => !isOn);

/** Of these cards, the one with this name or address, or the one that has such a function when they are on. */
export function offCardOf(cards: readonly SetupCard[], name: string): SetupCard | undefined {
  const address = addressOf(name);
  return cards.find((card) => card.address === address || card.functions.includes(address));
}
