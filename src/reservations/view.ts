import * as v from 'valibot';
import { checkArguments } from '../arguments.ts';
import { EtcdClient, type KeyValue, type Snapshot } from '../etcd/client.ts';
import type { CardInfo } from '../engine/card-info.ts';
import { NodedevError } from '../errors.ts';
import { unpackCard } from '../plan/inventory.ts';
import { HOSTS, hostKeys, isHostName } from './keys.ts';
import { recordInvalid } from './messages.ts';
import {
  parseInventory,
  parseLabels,
  parseReport,
  parseReservation,
  type Report,
  type Reservation,
} from './records.ts';

/** A reservation as it is in etcd. */
export interface StoredReservation extends Reservation {
  readonly key: string;
  readonly modRevision: number;
}

/** What etcd knows of one host, all of one revision. */
export interface HostView {
  readonly name: string;
  /** Of the store: what is changed later has a larger one. */
  readonly revision: number;
  /** Words by which it is chosen, as its agent tells them. */
  readonly labels: readonly string[];
  /** The text of that, as it is kept. */
  readonly labelsText: string | undefined;
  /** Whether its agent lives. Otherwise the host is unknown. */
  readonly isAlive: boolean;
  /** The agent that may write. */
  readonly session: string | undefined;
  /** The inventory's text, as it is kept. */
  readonly inventory: string | undefined;
  /** Its cards; undefined: no agent has told them yet. */
  readonly cards: readonly CardInfo[] | undefined;
  readonly reservations: readonly StoredReservation[];
  readonly report: Report | undefined;
  /** What cannot be read: nothing is reserved on such a host. */
  readonly problems: readonly NodedevError[];
}

export async function readHost(client: EtcdClient, name: string): Promise<HostView> {
  return viewOf(name, await client.read(hostKeys(name).all, { isPrefix: true }));
}

/** All hosts, by name. What is no host's name was not written by an agent. */
export async function readHosts(client: EtcdClient): Promise<Map<string, HostView>> {
  checkArguments('readHosts', [v.instance(EtcdClient)], [client]);
  const { revision, items } = await client.read(HOSTS, { isPrefix: true });
  const byHost = new Map<string, KeyValue[]>();
  for (const item of items) {
    const name = hostIn(item.key);
    if (!isHostName(name)) continue;
    const known = byHost.get(name);
    if (known === undefined) byHost.set(name, [item]);
    else known.push(item);
  }
  return new Map([...byHost].map(([name, all]) => [name, viewOf(name, { revision, items: all })]));
}

/** The hosts of which a key was written after a revision, and after that which is known of the host. */
export async function changedHosts(
  client: EtcdClient,
  revision: number,
  revisionOf: (name: string) => number,
): Promise<ReadonlySet<string>> {
  const { items } = await client.read(HOSTS, { isPrefix: true, after: revision });
  return new Set(
    items.flatMap(({ key, modRevision }) => {
      const name = hostIn(key);
      return isHostName(name) && modRevision > revisionOf(name) ? [name] : [];
    }),
  );
}

const hostIn = (key: string): string => key.slice(HOSTS.length).split('/', 1)[0] ?? '';

/** What these entries say of a host. */
export function viewOf(name: string, { revision, items }: Snapshot): HostView {
  const keys = hostKeys(name);
  const problems: NodedevError[] = [];
  const read = <T>(item: KeyValue | undefined, parse: (item: KeyValue) => T): T | undefined => {
    try {
      return item && parse(item);
    } catch (error) {
      if (!(error instanceof NodedevError)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  const byKey = new Map(items.map((item) => [item.key, item]));
  const inventory = byKey.get(keys.inventory);
  return {
    name,
    revision,
    labelsText: byKey.get(keys.labels)?.value,
    labels: read(byKey.get(keys.labels), parseLabels)?.labels ?? [],
    isAlive: byKey.has(keys.alive),
    session: byKey.get(keys.session)?.value,
    inventory: inventory?.value,
    cards: read(inventory, (item) => parseInventory(item).cards.map(unpackCard)),
    reservations: items
      .filter(({ key }) => key.startsWith(keys.desired))
      .flatMap((item) => {
        const found = read(item, (entry) => {
          const reservation = parseReservation(entry);
          const isNamed = item.key === `${keys.desired}${reservation.domain.name}`;
          if (!isNamed) throw recordInvalid(item.key, 'it is about another domain');
          return reservation;
        });
        return found === undefined
          ? []
          : [{ ...found, key: item.key, modRevision: item.modRevision }];
      }),
    report: read(byKey.get(keys.report), parseReport),
    problems,
  };
}
