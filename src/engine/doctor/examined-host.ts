import { type Issue, issuesOf, NodedevError } from '../../errors.ts';
import type { Host, HostDevice, HostParent, HostType, Listing } from '../../host/host.ts';
import { HostError } from '../../host/host.ts';
import type { Context } from '../context.ts';
import type { StoredDefinition } from '../definitions/definitions.ts';
import { functionUuid, withFunctions } from '../devices/functions.ts';
import { holdersIfKnown } from '../devices/holders.ts';
import { claimedOwner, nameOf } from '../devices/inventory.ts';
import { type LibvirtDomains, readLibvirtDomains } from '../ownership/libvirt-domains.ts';
import type { Journal } from '../journal/journal.ts';
import { leftIssues } from '../journal/recover.ts';
import { holderLabel } from '../../policy/reasons.ts';
import type { DefinitionRecord, DeviceRecord } from '../store/records.ts';
import { pictureOf } from '../devices/picture.ts';
import { domainsThatCannotStart } from './domain-starts.ts';
import type { GroupOwner } from '../../policy/owner.ts';
import type { ListResult } from '../listed-device.ts';

/** Everything about a host that the checks need, read once. */
export interface ExaminedHost {
  readonly host: Host;
  readonly parents: Listing<HostParent>;
  /** The types of each parent, by its sysfs name. */
  readonly types: ReadonlyMap<string, Listing<HostType>>;
  readonly devices: Listing<HostDevice>;
  /** Its `problems` are the definitions that could not be read. */
  readonly definitions: ListResult<StoredDefinition>;
  /** Names of the devices with a definition file, also an unreadable one. */
  readonly defined: ReadonlySet<string>;
  /** Their uuids. */
  readonly definedUuids: ReadonlySet<string>;
  readonly domains: LibvirtDomains;
  readonly records: StoreRecords;
  /** What recovery had to leave. */
  readonly left: readonly Issue[];
}

/** The content of the store, or the reason why it cannot be read. */
export interface StoreRecords {
  /** Uuids of the devices we made or defined. */
  readonly devices: ReadonlySet<string>;
  readonly groups: readonly ExaminedGroup[];
  /** The active ones of ours, also such as are gone. */
  readonly active: readonly DeviceRecord[];
  /** Our definitions, with their groups. */
  readonly definitions: readonly DefinitionRecord[];
  /** What keeps domains from starting. */
  readonly domains: readonly Issue[];
  readonly problem?: string | undefined;
}

export interface ExaminedGroup {
  readonly name: string;
  /** Uuids of the members. Another program may have removed some of them. */
  readonly members: readonly string[];
  /** The domain it was claimed for. */
  readonly owner: GroupOwner | undefined;
}

export async function readPatient(context: Context): Promise<ExaminedHost> {
  const { host, definitions, journal } = context;
  const parents = listing(() => host.parents());
  const refs = definitions.refs().items;
  const found = readLibvirtDomains(host);
  const uuidOf = (address: string): string | undefined => functionUuid(context, address);
  const domains = {
    ...found,
    domains: found.domains.map((domain) => withFunctions(domain, uuidOf)),
  };
  return {
    host,
    parents,
    types: new Map(
      parents.items.map((parent) => [parent.address, listing(() => host.types(parent))]),
    ),
    devices: listing(() => host.devices()),
    definitions: definitions.list(),
    defined: new Set(refs.map(nameOf)),
    definedUuids: new Set(refs.map(({ uuid }) => uuid)),
    domains,
    records: await readRecords(context, domains),
    left: readLeft(journal),
  };
}

/** Only who may change devices may read the journal; the others are told nothing of it. */
function readLeft(journal: Journal): readonly Issue[] {
  try {
    return leftIssues(journal);
  } catch (error) {
    if (!(error instanceof NodedevError)) throw error;
    return error.code === 'permission-denied' ? [] : issuesOf(error);
  }
}

async function readRecords(context: Context, domains: LibvirtDomains): Promise<StoreRecords> {
  const { store } = context;
  try {
    return await store.readAll((view) => ({
      devices: new Set([...view.devices(), ...view.definitions()].map(({ uuid }) => uuid)),
      groups: view.activeGroups().map(({ name, members }) => {
        return { name, members, owner: claimedOwner(view, name) };
      }),
      active: view.devices(),
      definitions: view.definitions(),
      domains: domainsThatCannotStart(pictureOf(context, view), domains),
    }));
  } catch (error) {
    if (error instanceof NodedevError) return unknown(error.message);
    throw error;
  }
}

const unknown = (problem: string): StoreRecords => {
  return { devices: new Set(), groups: [], active: [], definitions: [], domains: [], problem };
};

/** Whether a device is open, and by whom. `hidden`: an ordinary user must not see it. */
export type DeviceUse =
  | { readonly state: 'free' }
  | { readonly state: 'held'; readonly by: string }
  | { readonly state: 'hidden' };

export function useOf(host: Host, device: HostDevice): DeviceUse {
  const holders = holdersIfKnown(host, device);
  if (holders === undefined) return { state: 'hidden' };
  const [holder] = holders;
  return holder === undefined ? { state: 'free' } : { state: 'held', by: holderLabel(holder) };
}

/** A list. When it cannot be read at all, it is empty and has one unreadable item. */
function listing<T>(list: () => Listing<T>): Listing<T> {
  try {
    return list();
  } catch (error) {
    if (error instanceof HostError) return { items: [], unreadable: [error] };
    throw error;
  }
}
