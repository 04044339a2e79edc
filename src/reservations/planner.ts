import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { v4 as randomUuid } from 'uuid';
import type { Compare, EtcdClient } from '../etcd/client.ts';
import { NodedevError } from '../errors.ts';
import { groupBy } from '../group-by.ts';
import { checkDomainName, claimKey, hostKeys, MOST_DEVICES, reservationKey } from './keys.ts';
import { contended, deviceCount, reservationExists } from './messages.ts';
import { type Claim, parsePlace, type Reservation, type ReservationPlace } from './records.ts';
import { MOST_TRIES, type PlacedReservation, placedOn } from './reserve.ts';
import { type DomainRequest, type ReserveOptions, SeenHosts } from './seen-hosts.ts';
import { changedHosts, type HostView, readHost, readHosts } from './view.ts';

/** Hosts with a transaction at one time: each waits for etcd's disk. */
const AT_ONCE = 16;

/** A request that has a place, on the host as it was seen. */
interface Placed {
  readonly request: DomainRequest;
  readonly reservation: Reservation;
  readonly view: HostView;
}

/**
 * Reserves room for domains, of which several planners may ask at one time. A domain's reservation is one transaction: it is
 * made when nothing of its host has changed since the planner looked, as the revisions of all the host's keys tell, its agent
 * lives, and neither the domain nor a uuid is known. So two planners never reserve the same room.
 */
export class Planner {
  readonly #client: EtcdClient;
  readonly #newUuid: () => string;
  #seen: SeenHosts | undefined;

  constructor(client: EtcdClient, { newUuid = randomUuid }: { newUuid?: () => string } = {}) {
    this.#client = client;
    this.#newUuid = newUuid;
  }

  /** Reserves for one domain, as {@link reserveAll}. */
  async reserve(request: DomainRequest, options?: ReserveOptions): Promise<PlacedReservation> {
    const made = new Map<DomainRequest, PlacedReservation>();
    await this.reserveAll([request], options, made);
    const [one] = made.values();
    if (one === undefined) throw contended(request.domain.name, MOST_TRIES);
    return one;
  }

  /**
   * Chooses hosts for all requests, and then reserves, each in a transaction of its own.
   *
   * @param made what was reserved, also when it fails
   * @throws NodedevError `reservation-exists`, `reservation-refused` (no host has room; `issues` say why), `request-invalid`,
   *   and those of etcd: after `etcd-unavailable` it may have been made, and asking again says so
   */
  async reserveAll(
    requests: readonly DomainRequest[],
    options: ReserveOptions = {},
    made = new Map<DomainRequest, PlacedReservation>(),
  ): Promise<void> {
    for (const { domain, devices } of requests) {
      checkDomainName(domain.name);
      const count = devices.reduce((sum, each) => sum + (each.count ?? 1), 0);
      if (count < 1 || count > MOST_DEVICES) throw deviceCount(domain.name, MOST_DEVICES);
    }
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      this.#seen ??= new SeenHosts(await readHosts(this.#client));
      const seen = this.#seen;
      const left = seen.largestFirst(requests.filter((request) => !made.has(request)));
      const [first] = left;
      if (first === undefined) return;
      const queues = groupBy(
        await this.#place(seen, left, options),
        ({ view }) => view.name,
      ).values();
      const work = async (): Promise<void> => {
        for (const queue of queues) await this.#reserveOn(seen, queue, options, made);
      };
      const workers = Array.from({ length: AT_ONCE }, work);
      await Promise.allSettled(workers);
      await Promise.all(workers).catch((error: unknown) => {
        this.#seen = undefined;
        throw error;
      });
      if (made.size < requests.length) await sleep(randomInt(1 + tries * 20));
    }
    const lost = requests.find((request) => !made.has(request));
    if (lost !== undefined) throw contended(lost.domain.name, MOST_TRIES);
  }

  /** Places all of them. Before one is refused, what has changed meanwhile is read. */
  async #place(
    seen: SeenHosts,
    requests: readonly DomainRequest[],
    options: ReserveOptions,
  ): Promise<readonly Placed[]> {
    for (let tries = 0; ; tries += 1) {
      const placed: Placed[] = [];
      try {
        for (const request of requests) {
          const { view, devices } = seen.place(request, options);
          const reservation: Reservation = {
            version: 1,
            state: 'reserved',
            domain: request.domain,
            devices: devices.map(({ parent, type }) => ({ uuid: this.#newUuid(), parent, type })),
          };
          placed.push({ request, reservation, view });
        }
        return placed;
      } catch (error) {
        for (const { view } of placed) seen.set(view);
        const isRefusal = error instanceof NodedevError && error.code === 'reservation-refused';
        const changed = isRefusal && tries < MOST_TRIES ? await this.#changed(seen) : [];
        for (const view of changed) seen.set(view);
        if (changed.length === 0) throw error;
      }
    }
  }

  async #changed(seen: SeenHosts): Promise<readonly HostView[]> {
    const names = await changedHosts(this.#client, seen.revision, (name) => seen.revisionOf(name));
    const views: HostView[] = [];
    for (const name of names) views.push(await readHost(this.#client, name));
    return views;
  }

  /** Reserves on one host, until another one was faster there: then that host is looked at anew, and the rest has no place. */
  async #reserveOn(
    seen: SeenHosts,
    queue: readonly Placed[],
    options: ReserveOptions,
    made: Map<DomainRequest, PlacedReservation>,
  ): Promise<void> {
    let view = queue[0]?.view;
    for (const { request, reservation } of queue) {
      if (view === undefined) return;
      const { name } = view;
      const { domain } = request;
      const revision = await this.#store(view, reservation, options);
      if (revision === undefined) {
        const now = await readHost(this.#client, name);
        seen.set(now);
        // It was done when a first answer was lost, and the transaction was sent again.
        const uuids = new Set(reservation.devices.map(({ uuid }) => uuid));
        const own = now.reservations.find(({ devices }) =>
          devices.some(({ uuid }) => uuids.has(uuid)),
        );
        if (own === undefined) await this.#requireNew(domain.name);
        else made.set(request, placedOn(name, own));
        return;
      }
      made.set(request, placedOn(name, reservation));
      // Nothing else of this host has changed until this revision.
      view = seen.reserved(view, reservation, revision);
    }
  }

  async #requireNew(domain: string): Promise<void> {
    const [taken] = (await this.#client.read(reservationKey(domain))).items;
    if (taken !== undefined) throw reservationExists(domain, parsePlace(taken).host);
  }

  /** @returns the revision that has it; undefined: somebody else was faster */
  async #store(
    { name, revision }: HostView,
    reservation: Reservation,
    { dryRun = false }: ReserveOptions,
  ): Promise<number | undefined> {
    const { domain, devices } = reservation;
    const keys = hostKeys(name);
    const where: ReservationPlace = { version: 1, host: name };
    const claim: Claim = { version: 1, host: name, owner: 'fleet', domain };
    if (dryRun) {
      await this.#requireNew(domain.name);
      return revision;
    }
    return this.#client.transact({
      compare: [
        { key: keys.all, isPrefix: true, target: 'modRevision', is: 'LESS', than: revision + 1 },
        { key: keys.alive, target: 'version', is: 'GREATER', than: 0 },
        isAbsent(reservationKey(domain.name)),
        ...devices.map(({ uuid }) => isAbsent(claimKey(uuid))),
      ],
      put: [
        { key: `${keys.desired}${domain.name}`, value: JSON.stringify(reservation) },
        { key: reservationKey(domain.name), value: JSON.stringify(where) },
        ...devices.map(({ uuid }) => ({ key: claimKey(uuid), value: JSON.stringify(claim) })),
      ],
    });
  }
}

const isAbsent = (key: string): Compare => ({ key, target: 'version', is: 'EQUAL', than: 0 });
