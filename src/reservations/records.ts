import * as v from 'valibot';
import { isParentName, isTypeName } from '../engine/definitions/names.ts';
import type { DomainRef } from '../policy/domain-ref.ts';
import { parseUuid } from '../nodedev/uuid.ts';
import type { HostInventory } from '../plan/inventory.ts';
import { isDomainName, isLabel } from './keys.ts';
import { recordInvalid } from './messages.ts';

// The values in etcd. Who may write there gives orders to programs that run as root: a value has these members and no others,
// none of which is a file, a script or a command, and names are checked as those of documents are.

/** A device that a reservation keeps room for. Its uuid is new, and never used for another one. */
export interface ReservedDevice {
  readonly uuid: string;
  /** Node device name of the parent. */
  readonly parent: string;
  /** The type's id. */
  readonly type: string;
}

/**
 * `reserved`: room is kept, nothing is made. `wanted`: the agent makes the devices, and makes them again after a reboot.
 * `released`: the agent destroys them when nobody uses them, then removes the reservation.
 */
export type ReservationState = 'reserved' | 'wanted' | 'released';

/** What one domain has, or is to have, on one host. */
export interface Reservation {
  readonly version: 1;
  readonly state: ReservationState;
  readonly domain: DomainRef;
  readonly devices: readonly ReservedDevice[];
}

/** Where a domain's reservation is. */
export interface ReservationPlace {
  readonly version: 1;
  readonly host: string;
}

/** Whose a device is. */
export interface Claim {
  readonly version: 1;
  readonly host: string;
  readonly owner: 'fleet';
  readonly domain: DomainRef;
}

/** The words by which a host is chosen, beside its name. */
export interface HostLabels {
  readonly version: 1;
  readonly labels: readonly string[];
}

/** What an agent tells of its work. */
export interface Report {
  readonly version: 1;
  readonly session: string;
  /** What of the reservations is not as it should be, sorted. */
  readonly problems: readonly ReportedProblem[];
}

export interface ReportedProblem {
  readonly domain: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

const version = v.literal(1);
const uuid = v.pipe(
  v.string(),
  v.check((text) => parseUuid(text) === text, 'no uuid'),
);
const name = v.pipe(v.string(), v.check(isDomainName, 'no name of a domain'));
const domain = v.strictObject({ name, uuid: v.optional(uuid) });
const device = v.strictObject({
  uuid,
  parent: v.pipe(v.string(), v.check(isParentName, 'no parent')),
  type: v.pipe(v.string(), v.check(isTypeName, 'no type')),
});

const reservation = v.strictObject({
  version,
  state: v.picklist(['reserved', 'wanted', 'released']),
  domain,
  devices: v.pipe(v.array(device), v.minLength(1)),
}) satisfies v.GenericSchema<Reservation>;
const place = v.strictObject({
  version,
  host: v.string(),
}) satisfies v.GenericSchema<ReservationPlace>;
const claim = v.strictObject({
  version,
  host: v.string(),
  owner: v.literal('fleet'),
  domain,
}) satisfies v.GenericSchema<Claim>;
const labels = v.strictObject({
  version,
  labels: v.array(v.pipe(v.string(), v.check(isLabel, 'no label'))),
}) satisfies v.GenericSchema<HostLabels>;
const report = v.strictObject({
  version,
  session: v.string(),
  problems: v.array(
    v.strictObject({
      domain: v.string(),
      code: v.string(),
      message: v.string(),
      hint: v.optional(v.string()),
    }),
  ),
}) satisfies v.GenericSchema<Report>;

/** An inventory as far as placing reads it. What a newer program adds is no harm. */
const types = v.array(v.looseObject({ id: v.string(), deviceApi: v.string() }));
const inventory = v.looseObject({
  version,
  cards: v.array(
    v.looseObject({
      card: v.looseObject({
        parents: v.array(v.string()),
        types,
        devices: v.array(v.looseObject({ uuid: v.string(), parent: v.string(), type: v.string() })),
        settings: v.record(v.string(), v.string()),
      }),
      parents: v.array(
        v.looseObject({
          name: v.string(),
          address: v.string(),
          available: v.array(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0)))),
        }),
      ),
    }),
  ),
});

export interface Entry {
  readonly key: string;
  readonly value: string;
}

/** The host of a claim, or of a place; undefined: it is neither. */
export function hostOf(entry: Entry): string | undefined {
  const found = v.safeParse(v.union([place, claim]), jsonOf(entry));
  return found.success ? found.output.host : undefined;
}

/** @throws NodedevError `record-invalid`, as all of these */
export const parseReservation = (entry: Entry): Reservation => parsed(entry, reservation);
export const parsePlace = (entry: Entry): ReservationPlace => parsed(entry, place);
export const parseLabels = (entry: Entry): HostLabels => parsed(entry, labels);
export const parseReport = (entry: Entry): Report => parsed(entry, report);

/** @throws NodedevError `record-invalid` */
export function parseInventory(entry: Entry): Pick<HostInventory, 'cards'> {
  return parsed(entry, inventory);
}

function parsed<T extends v.GenericSchema>(entry: Entry, shape: T): v.InferOutput<T> {
  const result = v.safeParse(shape, jsonOf(entry));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw recordInvalid(entry.key, `${path === null ? '' : `${path}: `}${issue.message}`);
}

function jsonOf({ key, value }: Entry): unknown {
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw recordInvalid(key, 'it is not JSON', cause);
  }
}
