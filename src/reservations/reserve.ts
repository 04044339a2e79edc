import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { v4 as randomUuid } from 'uuid';
import type { Compare, EtcdClient } from '../etcd/client.ts';
import { MOST_OPERATIONS } from '../etcd/client.ts';
import type { CardInfo } from '../engine/types.ts';
import { type Issue, NodedevError } from '../errors.ts';
import { place } from '../plan/place.ts';
import type { PlacementRequest, Policy } from '../plan/placement.ts';
import type { DomainRef } from '../policy/domain-ref.ts';
import { vendorReasons } from '../policy/give.ts';
import { checkDomainName, claimKey, hostKeys, reservationKey } from './keys.ts';
import {
  contended,
  deviceCount,
  noHost,
  notOnHost,
  reservationExists,
  reservationReleased,
  reservationUnknown,
  stillLives,
} from './messages.ts';
import {
  type Claim,
  hostOf,
  parsePlace,
  type Reservation,
  type ReservationPlace,
  type ReservedDevice,
} from './records.ts';
import { roomLeft } from './room-left.ts';
import { type HostView, readHost, readHosts, type StoredReservation } from './view.ts';

/** Devices for a domain, which all go to one host. */
export interface DomainRequest {
  readonly domain: DomainRef;
  readonly devices: readonly PlacementRequest[];
}

export interface ReserveOptions {
  /** Default `pack`: on hosts that have devices already, and as few cards as possible. */
  readonly policy?: Policy | undefined;
  /** Only on this host. */
  readonly host?: string | undefined;
}

/** A reservation that was made or changed. */
export interface PlacedReservation extends Reservation {
  readonly host: string;
}

/** Conditions and operations of a transaction besides those of each device. */
const OTHER_OPERATIONS = 3;
const MOST_DEVICES = MOST_OPERATIONS - OTHER_OPERATIONS;
/** How often a planner looks again after another one was faster. */
const MOST_TRIES = 30;

/**
 * Reserves room for domains, of which several planners may ask at one time. A domain's reservation is one transaction: it is
 * made when nothing of its host has changed since the planner looked, as the revisions of all the host's keys tell, its agent
 * lives, and neither the domain nor a uuid is known. So two planners never reserve the same room.
 */
export class Planner {
  readonly #client: EtcdClient;
  readonly #newUuid: () => string;
  #hosts: Map<string, HostView> | undefined;
  /** What was found for a host as it is in its view: what is left, and which requests did not fit. */
  readonly #found = new WeakMap<
    HostView,
    { readonly left: readonly CardInfo[] | undefined; readonly misfits: Map<string, string> }
  >();

  constructor(client: EtcdClient, { newUuid = randomUuid }: { newUuid?: () => string } = {}) {
    this.#client = client;
    this.#newUuid = newUuid;
  }

  /**
   * @throws NodedevError `reservation-exists`, `reservation-refused` (no host has room; `issues` say why), `request-invalid`,
   *   and those of etcd: after `etcd-unavailable` it may have been made, and asking again says so
   */
  async reserve(request: DomainRequest, options: ReserveOptions = {}): Promise<PlacedReservation> {
    const { domain, devices } = request;
    checkDomainName(domain.name);
    const count = devices.reduce((sum, each) => sum + (each.count ?? 1), 0);
    if (count < 1 || count > MOST_DEVICES) throw deviceCount(domain.name, MOST_DEVICES);
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      this.#hosts ??= await readHosts(this.#client);
      const found = this.#placeOn(this.#hosts, request, options);
      const made = await this.#store(found.host, domain, found.devices);
      if (made !== undefined) return made;
      const view = await readHost(this.#client, found.host.name);
      this.#hosts.set(view.name, view);
      // It was done when a first answer was lost, and the transaction was sent again.
      const uuids = new Set(found.devices.map(({ uuid }) => uuid));
      const own = view.reservations.find(({ devices: all }) =>
        all.some(({ uuid }) => uuids.has(uuid)),
      );
      if (own !== undefined) return placedOn(view.name, own);
      const [taken] = (await this.#client.read(reservationKey(domain.name))).items;
      if (taken !== undefined) throw reservationExists(domain.name, parsePlace(taken).host);
      await sleep(randomInt(1 + tries * 20));
    }
    throw contended(domain.name, MOST_TRIES);
  }

  /** The first host that has room, in the order of the policy. */
  #placeOn(
    hosts: ReadonlyMap<string, HostView>,
    { domain, devices }: DomainRequest,
    { policy = 'pack', host }: ReserveOptions,
  ): { readonly host: HostView; readonly devices: readonly ReservedDevice[] } {
    const reasons: Issue[] = [];
    const sign = policy === 'pack' ? -1 : 1;
    const order = [...hosts.values()]
      .filter(({ name }) => host === undefined || name === host)
      .toSorted((one, other) => sign * (loadOf(one) - loadOf(other)));
    const asked = JSON.stringify([devices, policy]);
    for (const view of order) {
      const { left, misfits } = this.#leftOn(view);
      const known = unusable(view) ?? (left === undefined ? OVERTAKEN : misfits.get(asked));
      const found = known ?? placed(left ?? [], devices, policy);
      if (typeof found !== 'string') {
        const reserved = found.map(({ parent, type }) => ({ uuid: this.#newUuid(), parent, type }));
        return { host: view, devices: reserved };
      }
      misfits.set(asked, found);
      reasons.push(notOnHost(view.name, found));
    }
    throw noHost(domain.name, reasons);
  }

  #leftOn(view: HostView) {
    const known = this.#found.get(view);
    if (known !== undefined) return known;
    const left = roomLeft(view.cards ?? [], view.reservations);
    const found = { left, misfits: new Map<string, string>() };
    this.#found.set(view, found);
    return found;
  }

  async #store(
    host: HostView,
    domain: DomainRef,
    devices: readonly ReservedDevice[],
  ): Promise<PlacedReservation | undefined> {
    const keys = hostKeys(host.name);
    const key = `${keys.desired}${domain.name}`;
    const reservation: Reservation = { version: 1, state: 'reserved', domain, devices };
    const where: ReservationPlace = { version: 1, host: host.name };
    const claim: Claim = { version: 1, host: host.name, owner: 'fleet', domain };
    const revision = await this.#client.transact({
      compare: [
        {
          key: keys.all,
          isPrefix: true,
          target: 'modRevision',
          is: 'LESS',
          than: host.revision + 1,
        },
        { key: keys.alive, target: 'version', is: 'GREATER', than: 0 },
        isAbsent(reservationKey(domain.name)),
        ...devices.map(({ uuid }) => isAbsent(claimKey(uuid))),
      ],
      put: [
        { key, value: JSON.stringify(reservation) },
        { key: reservationKey(domain.name), value: JSON.stringify(where) },
        ...devices.map(({ uuid }) => ({ key: claimKey(uuid), value: JSON.stringify(claim) })),
      ],
    });
    if (revision === undefined) return undefined;
    // Nothing else of this host has changed until this revision.
    const stored = { ...reservation, key, modRevision: revision };
    const reservations = [...host.reservations, stored];
    this.#hosts?.set(host.name, { ...host, revision, reservations });
    return placedOn(host.name, reservation);
  }
}

const placedOn = (
  host: string,
  { version, state, domain, devices }: Reservation,
): PlacedReservation => ({ version, state, domain, devices, host });

const OVERTAKEN = 'what is reserved there has no room any more';

const isAbsent = (key: string): Compare => ({ key, target: 'version', is: 'EQUAL', than: 0 });

function unusable({ isAlive, cards, problems }: HostView): string | undefined {
  if (!isAlive) return 'its agent does not live';
  const [problem] = problems;
  if (problem !== undefined) return problem.message;
  return cards === undefined ? 'its agent has told nothing yet' : undefined;
}

const loadOf = ({ cards = [], reservations }: HostView): number =>
  cards.reduce((sum, { card }) => sum + card.devices.length, reservations.length);

/** Parents and types for the devices, or why there are none. */
function placed(
  cards: readonly CardInfo[],
  devices: readonly PlacementRequest[],
  policy: Policy,
): string | readonly { readonly parent: string; readonly type: string }[] {
  try {
    const found = place(cards, devices, policy);
    if (!found.fits) return found.reason;
    const names = new Map(
      cards.flatMap(({ card }) => card.types.map(({ id, name }) => [id, name])),
    );
    const together = found.devices.map(({ type }, index) => {
      return { uuid: String(index), type, typeName: names.get(type) };
    });
    const reason = vendorReasons(together).find(({ severity }) => severity === 'error');
    return reason === undefined ? found.devices : reason.message;
  } catch (error) {
    // A host without a type may stand beside others that offer it.
    if (error instanceof NodedevError) return error.message;
    throw error;
  }
}

/**
 * What is reserved is made by the host's agent from now on.
 *
 * @throws NodedevError `reservation-unknown`; `reservation-refused` when it was released
 */
export async function carryOut(client: EtcdClient, domain: string): Promise<PlacedReservation> {
  return changed(client, domain, (_, found) => {
    if (found.state === 'released') throw reservationReleased(domain);
    return { ...found, state: 'wanted' };
  });
}

/**
 * Ends a reservation: at once when nothing was to be made, else the host's agent destroys the devices first, when nobody uses
 * them. `forget`: of a host that does not come back, at once.
 *
 * @throws NodedevError `reservation-unknown`; `reservation-refused` for `forget` while the agent lives
 */
export async function release(
  client: EtcdClient,
  domain: string,
  { forget = false }: { readonly forget?: boolean | undefined } = {},
): Promise<PlacedReservation> {
  return changed(client, domain, (host, found) => {
    if (forget && host.isAlive) throw stillLives(host.name);
    const released = { ...found, state: 'released' as const };
    return forget || found.state === 'reserved' ? { ...released, isGone: true } : released;
  });
}

/** Changes a reservation, again when somebody else was faster. */
async function changed(
  client: EtcdClient,
  domain: string,
  change: (host: HostView, found: StoredReservation) => Reservation & { readonly isGone?: boolean },
): Promise<PlacedReservation> {
  checkDomainName(domain);
  let tried: PlacedReservation | undefined;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const [item] = (await client.read(reservationKey(domain))).items;
    const host = item && (await readHost(client, parsePlace(item).host));
    const found = host?.reservations.find((each) => each.domain.name === domain);
    // After an answer that was lost: it is released, and may be gone, or another one is there.
    if (tried !== undefined && found?.devices[0]?.uuid !== tried.devices[0]?.uuid) return tried;
    if (item === undefined) throw reservationUnknown(domain);
    if (host !== undefined && found !== undefined) {
      const { isGone = false, ...after } = change(host, found);
      tried = placedOn(host.name, after);
      const { host: _, ...value } = tried;
      const done = isGone
        ? await remove(client, host.name, found, [])
        : (await client.transact({
            compare: [isUnchanged(found)],
            put: [{ key: found.key, value: JSON.stringify(value) }],
          })) !== undefined;
      if (done) return tried;
    }
    await sleep(randomInt(1 + tries * 20));
  }
  throw contended(domain, MOST_TRIES);
}

const isUnchanged = ({ key, modRevision }: StoredReservation): Compare => ({
  key,
  target: 'modRevision',
  is: 'EQUAL',
  than: modRevision,
});

/**
 * Removes a reservation and its claims. The key `removed` changes with it, so that a transaction which was sent before, and
 * comes late, finds the host changed.
 *
 * @returns whether it was still as it was found, and `conditions` held
 */
export async function remove(
  client: EtcdClient,
  host: string,
  found: StoredReservation,
  conditions: readonly Compare[],
): Promise<boolean> {
  const keys = [
    reservationKey(found.domain.name),
    ...found.devices.map(({ uuid }) => claimKey(uuid)),
  ];
  const there = await Promise.all(keys.map(async (key) => (await client.read(key)).items));
  // Those of this host only: a reservation cannot free what is another host's.
  const own = there.flat().filter((item) => hostOf(item) === host);
  const done = await client.transact({
    compare: [...conditions, isUnchanged(found)],
    put: [{ key: hostKeys(host).removed, value: found.domain.name }],
    delete: [found.key, ...own.map(({ key }) => key)],
  });
  return done !== undefined;
}
