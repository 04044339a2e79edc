import type { NamedValue, PciCapability } from '../nodedev/device.ts';
import type { CardType } from './driver.ts';
import { driverForType } from './registry.ts';
import { commonFacts, factAmong } from './type-facts.ts';

/** What a guest sees of a device of a type, in words by what it is. They are kept with a definition, in our store. */
export type GuestFacts = Readonly<Record<string, string>>;

/** Facts about sharing a card, of which a guest sees nothing. */
const UNSEEN: ReadonlySet<string> = new Set(['max-instances', 'weight']);

const MIB = 1024 ** 2;

/**
 * The facts of a type that its guests see: its name and interface, what its description promises (framebuffer, heads,
 * resolution, …), and the class and ids of the PCI device.
 *
 * @param attributes what the type says (`typeAttributes`)
 * @param pci of the parent
 */
export function guestFactsOf(
  type: Pick<CardType, 'id' | 'name' | 'deviceApi'>,
  attributes: readonly NamedValue[],
  pci: PciCapability | undefined,
): GuestFacts {
  const driver = driverForType(type.id);
  const described = [...commonFacts, ...(driver?.facts ?? [])].flatMap((fact) => {
    const value = UNSEEN.has(fact.name) ? undefined : factAmong(attributes, fact);
    if (value === undefined) return [];
    return [[fact.name, fact.kind === 'memory' ? `${value / MIB} MiB` : `${value}`] as const];
  });
  const guest = driver?.guestPci(type, pci);
  const known: readonly (readonly [string, string | undefined])[] = [
    ['name', type.name],
    ['interface', type.deviceApi],
    ...described,
    ['class', guest?.class],
    ['vendor', guest?.vendor?.id],
    ['product', guest?.product?.id],
  ];
  return Object.fromEntries(
    known.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

/** What is other now: `framebuffer 2048 MiB, was 1024 MiB`. A fact that only one of both says is no difference. */
export const differingFacts = (now: GuestFacts, before: GuestFacts): readonly string[] =>
  Object.entries(before).flatMap(([name, was]) => {
    const value = now[name];
    return value === undefined || value === was ? [] : [`${name} ${value}, was ${was}`];
  });
