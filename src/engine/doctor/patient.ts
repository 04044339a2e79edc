import { NodedevError } from '../../errors.ts';
import type { Host, HostDevice, HostParent, HostType, Listing } from '../../host/host.ts';
import { HostError } from '../../host/host.ts';
import type { Context } from '../context.ts';
import { listDefinitions, type StoredDefinition } from '../definitions.ts';
import { holderLabel } from '../refusals.ts';
import type { ActiveStore, DeviceRecord, GroupRecord } from '../store.ts';
import type { ListResult } from '../types.ts';

/** Everything the doctor looks at, read once. */
export interface Patient {
  readonly host: Host;
  readonly parents: Listing<HostParent>;
  /** By address. */
  readonly types: ReadonlyMap<string, Listing<HostType>>;
  readonly devices: Listing<HostDevice>;
  /** What could not be read at all stands in its `problems`. */
  readonly definitions: ListResult<StoredDefinition>;
  readonly records: Records;
}

/** What the store knows, or why it is not known. */
export interface Records {
  readonly devices: ReadonlyMap<string, DeviceRecord>;
  readonly groups: readonly GroupRecord[];
  readonly problem?: string | undefined;
}

export async function readPatient({ host, store }: Context): Promise<Patient> {
  const parents = listing(() => host.parents());
  return {
    host,
    parents,
    types: new Map(
      parents.items.map((parent) => [parent.address, listing(() => host.types(parent))]),
    ),
    devices: listing(() => host.devices()),
    definitions: host.root === undefined ? { items: [], problems: [] } : listDefinitions(host.root),
    records: await readRecords(store),
  };
}

async function readRecords(store: ActiveStore): Promise<Records> {
  const hidden = store.hiddenFile();
  if (hidden !== undefined) return unknown(`${hidden} may not be read by this user`);
  try {
    return await store.read((view) => ({
      devices: new Map(view.devices().map((record) => [record.uuid, record])),
      groups: view.groups(),
    }));
  } catch (error) {
    if (error instanceof NodedevError) return unknown(error.message);
    throw error;
  }
}

const unknown = (problem: string): Records => ({ devices: new Map(), groups: [], problem });

/** Whether a device is open, and in whom: an ordinary user may not ask. */
export type Use =
  | { readonly state: 'free' }
  | { readonly state: 'held'; readonly by: string }
  | { readonly state: 'hidden' };

export function useOf(host: Host, device: HostDevice): Use {
  try {
    const [holder] = host.holders(device);
    return holder === undefined ? { state: 'free' } : { state: 'held', by: holderLabel(holder) };
  } catch (error) {
    if (error instanceof HostError) return { state: 'hidden' };
    throw error;
  }
}

/** A listing that is refused as a whole is one unreadable item. */
function listing<T>(list: () => Listing<T>): Listing<T> {
  try {
    return list();
  } catch (error) {
    if (error instanceof HostError) return { items: [], unreadable: [error] };
    throw error;
  }
}
