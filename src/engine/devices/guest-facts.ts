import { differingFacts, type GuestFacts, guestFactsOf } from '../../drivers/guest-facts.ts';
import { typeAttributes } from '../../drivers/registry.ts';
import { once } from '../../drivers/once.ts';
import type { Host, HostParent, HostType } from '../../host/host.ts';
import { mdevName } from '../../nodedev/names.ts';
import type { Context } from '../context.ts';
import type { DefinitionRecord } from '../store/records.ts';
import type { StoreView } from '../store/store.ts';
import { typeChanged } from '../../policy/reasons.ts';
import { issueOf } from '../../policy/verdict.ts';

/** {@link guestFactsOf} for a type of a parent of this host. */
export function guestFacts(host: Host, parent: HostParent, type: HostType): GuestFacts {
  const pci = host.describeHardware(parent).capabilities.find(({ kind }) => kind === 'pci');
  return guestFactsOf(type, typeAttributes(type), pci?.kind === 'pci' ? pci : undefined);
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
  const changes = differingFacts(guestFacts(host, parent, type), facts);
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
