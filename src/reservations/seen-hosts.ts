import type { CardInfo } from '../engine/card-info.ts';
import { chooseHosts } from '../fleet/fleet.ts';
import { FleetRoom, type HostPlace } from '../fleet/place-hosts.ts';
import type { PlacementRequest, Policy } from '../plan/placement.ts';
import type { DomainRef } from '../policy/domain-ref.ts';
import { vendorReasons } from '../policy/give.ts';
import { hostKeys } from './keys.ts';
import { noHost, noSuchHost } from './messages.ts';
import type { Reservation } from './records.ts';
import { roomLeft } from './room-left.ts';
import type { HostView } from './view.ts';

/** Devices for a domain, which all go to one host. */
export interface DomainRequest {
  readonly domain: DomainRef;
  readonly devices: readonly PlacementRequest[];
}

export interface ReserveOptions {
  /** `pack` (the default): on as few empty cards, then empty hosts, as it can; `spread`: on the host with the fewest devices. */
  readonly policy?: Policy | undefined;
  /** Only on hosts with one of these names or labels; default: on any. */
  readonly hosts?: readonly string[] | undefined;
  /** Nothing is written: the result is what would be reserved. */
  readonly dryRun?: boolean | undefined;
}

/** The hosts as a planner saw them, less what it has reserved since. */
export class SeenHosts {
  readonly #room = new FleetRoom([]);
  /** Everything was read at this revision, or later. */
  readonly revision: number;
  readonly #views = new Map<string, HostView>();
  /** Why nothing is reserved on a host. */
  readonly #unusable = new Map<string, string>();

  constructor(views: ReadonlyMap<string, HostView>) {
    for (const view of views.values()) this.set(view);
    const [any] = views.values();
    this.revision = any?.revision ?? 0;
  }

  /** A host as it is now. */
  set(view: HostView): void {
    const cards = reservable(view);
    this.#views.set(view.name, view);
    this.#unusable.delete(view.name);
    if (typeof cards === 'string') this.#unusable.set(view.name, cards);
    this.#room.set({ host: view.name, cards: typeof cards === 'string' ? [] : cards });
  }

  /** What was placed on a host is reserved there now. */
  reserved(host: HostView, reservation: Reservation, revision: number): HostView {
    const key = `${hostKeys(host.name).desired}${reservation.domain.name}`;
    const stored = { ...reservation, key, modRevision: revision };
    const view = { ...host, revision, reservations: [...host.reservations, stored] };
    this.#views.set(view.name, view);
    return view;
  }

  revisionOf(name: string): number {
    return this.#views.get(name)?.revision ?? 0;
  }

  /** The order in which requests that stand in each other's way are placed. */
  largestFirst(requests: readonly DomainRequest[]): readonly DomainRequest[] {
    const all = requests.map((request) => ({ request, requests: request.devices }));
    return this.#room.largestFirst(all).map(({ request }) => request);
  }

  /**
   * Takes room for a domain's devices on the best host.
   *
   * @throws NodedevError `reservation-refused`: no host has room; `issues` say why. `criterion-invalid`, `request-invalid`
   */
  place(
    { domain, devices }: DomainRequest,
    { policy, hosts: words = [] }: ReserveOptions,
  ): HostPlace & { readonly view: HostView } {
    const { chosen, unknown } = chooseHosts([...this.#views.values()], words);
    const hosts = new Set(chosen.map(({ name }) => name));
    const reasons: [string, readonly string[]][] = unknown.map((word) => [noSuchHost, [word]]);
    const leave = (name: string, reason: string): void => {
      hosts.delete(name);
      const known = reasons.find(([each]) => each === reason);
      if (known === undefined) reasons.push([reason, [name]]);
      else known[1] = [...known[1], name];
    };
    for (const name of hosts) {
      const reason = this.#unusable.get(name);
      if (reason !== undefined) leave(name, reason);
    }
    const request = { requests: devices, hosts };
    for (;;) {
      const found = this.#room.take(request, policy);
      const view = found && this.#views.get(found.host);
      if (found === undefined || view === undefined) {
        throw noHost(domain.name, [...reasons, ...this.#room.reasons(request)]);
      }
      const mixed = mixedTypes(view, found);
      if (mixed === undefined) return { ...found, view };
      found.giveBack();
      leave(view.name, mixed);
    }
  }
}

/** The cards as they will be when all reservations are carried out, or why nothing is reserved here. */
function reservable({
  isAlive,
  cards,
  problems: [problem],
  reservations,
}: HostView): readonly CardInfo[] | string {
  if (!isAlive) return 'its agent does not live';
  if (problem !== undefined) return problem.message;
  if (cards === undefined) return 'its agent has told nothing yet';
  return roomLeft(cards, reservations) ?? 'what is reserved there has no room any more';
}

/** Why the devices' driver does not take them into one VM. */
function mixedTypes({ cards = [] }: HostView, { devices }: HostPlace): string | undefined {
  const names = new Map(cards.flatMap(({ card }) => card.types.map(({ id, name }) => [id, name])));
  const together = devices.map(({ type }, index) => {
    return { uuid: String(index), type, typeName: names.get(type) };
  });
  return vendorReasons(together).find(({ severity }) => severity === 'error')?.message;
}
