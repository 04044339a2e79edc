import { driverForType, typeAttributes } from '../../drivers/registry.ts';
import { commonFacts, factAmong } from '../../drivers/type-facts.ts';
import { once } from '../../drivers/once.ts';
import type { Host, HostParent, HostType } from '../../host/host.ts';
import { mdevName } from '../../nodedev/names.ts';
import type { Context } from '../context.ts';
import type { DefinitionRecord } from '../store/records.ts';
import type { StoreView } from '../store/store.ts';
import { typeChanged } from '../../policy/reasons.ts';
import { issueOf } from '../../policy/verdict.ts';

/** What a guest sees of a device of a type, in words by what it is. They are kept with a definition, in our store. */
export type GuestFacts = Readonly<Record<string, string>>;

/** Facts about sharing a card, of which a guest sees nothing. */
const UNSEEN: ReadonlySet<string> = new Set(['max-instances', 'weight']);

const MIB = 1024 ** 2;

/**
 * The facts of a type that its guests see: its name and interface, what its description promises (framebuffer, heads,
 * resolution, …), and the class and ids of the PCI device.
 */
export function guestFacts(host: Host, parent: HostParent, type: HostType): GuestFacts {
  const driver = driverForType(type.id);
  const attributes = typeAttributes(type);
  const described = [...commonFacts, ...(driver?.facts ?? [])].flatMap((fact) => {
    const value = UNSEEN.has(fact.name) ? undefined : factAmong(attributes, fact);
    if (value === undefined) return [];
    return [[fact.name, fact.kind === 'memory' ? `${value / MIB} MiB` : `${value}`] as const];
  });
  const pci = host.describeHardware(parent).capabilities.find(({ kind }) => kind === 'pci');
  const guest = driver?.guestPci(type, pci?.kind === 'pci' ? pci : undefined);
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

/**
 * What is other now than when a device was defined: `framebuffer 2048 MiB, was 1024 MiB`. Undefined: nothing, or it is not
 * known. A fact that only one of both says is no difference.
 */
export function changedFacts(
  { host }: Pick<Context, 'host'>,
  { parent: address, facts = {} }: Pick<DefinitionRecord, 'parent' | 'facts'>,
  typeId: string | undefined,
): string | undefined {
  if (typeId === undefined || Object.keys(facts).length === 0) return undefined;
  const parent = host.parent(address);
  const type = parent && host.type(parent, typeId);
  if (parent === undefined || type === undefined) return undefined;
  const now = guestFacts(host, parent, type);
  const changes = Object.entries(facts).flatMap(([name, before]) => {
    const value = now[name];
    return value === undefined || value === before ? [] : [`${name} ${value}, was ${before}`];
  });
  return changes.length === 0 ? undefined : changes.join('; ');
}

/** Reports devices whose type shows its guests other facts than when they were defined: a driver update does that. */
export function reportChangedTypes(
  context: Context,
  view: StoreView,
  devices: readonly { readonly uuid: string; readonly parent: string; readonly type: string }[],
): void {
  for (const { uuid, parent, type } of devices) {
    const saved = view.definition({ uuid, parent });
    const changes = saved && changedFacts(context, saved, type);
    if (changes === undefined) continue;
    context.report(issueOf(typeChanged(mdevName(uuid, parent), uuid, type, changes)));
  }
}

/** {@link guestFacts} for many devices: each type of each parent is read once. */
export const factReader = (host: Host): ((parent: HostParent, type: HostType) => GuestFacts) => {
  const byParent = once((parent: HostParent) =>
    once((type: HostType) => guestFacts(host, parent, type)),
  );
  return (parent, type) => byParent(parent)(type);
};
