import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { checkArguments, flag, optionsOf, type ShapesOf, text } from '../arguments.ts';
import { type Compare, EtcdClient } from '../etcd/client.ts';
import { checkDomainName, claimKey, hostKeys, reservationKey } from './keys.ts';
import { contended, reservationReleased, reservationUnknown, stillLives } from './messages.ts';
import { hostOf, parsePlace, type Reservation } from './records.ts';
import { type HostView, readHost, type StoredReservation } from './view.ts';

export interface ChangeOptions {
  /** Nothing is written: the result is what would be. */
  readonly dryRun?: boolean | undefined;
  /** Called when something is changed, or would be. */
  readonly onChange?: (() => void) | undefined;
}

const ARGUMENTS = [v.instance(EtcdClient), text];
const changing = {
  dryRun: flag,
  onChange: v.optional(v.function()),
} satisfies ShapesOf<ChangeOptions>;

/** A reservation that was made or changed. */
export interface PlacedReservation extends Reservation {
  readonly host: string;
}

/** How often one looks again after another one was faster. */
export const MOST_TRIES = 30;

export const placedOn = (
  host: string,
  { version, state, domain, devices }: Reservation,
): PlacedReservation => ({ version, state, domain, devices, host });

/**
 * What is reserved is made by the host's agent from now on.
 *
 * @throws NodedevError `reservation-unknown`; `reservation-refused` when it was released
 */
export async function carryOut(
  client: EtcdClient,
  domain: string,
  options: ChangeOptions = {},
): Promise<PlacedReservation> {
  checkArguments('carryOut', [...ARGUMENTS, optionsOf(changing)], [client, domain, options]);
  return changed(client, domain, options, (_, found) => {
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
  releasing: ChangeOptions & { readonly forget?: boolean | undefined } = {},
): Promise<PlacedReservation> {
  const shape = optionsOf({ ...changing, forget: flag });
  checkArguments('release', [...ARGUMENTS, shape], [client, domain, releasing]);
  const { forget = false, ...options } = releasing;
  return changed(client, domain, options, (host, found) => {
    if (forget && host.isAlive) throw stillLives(host.name);
    const released = { ...found, state: 'released' as const };
    return forget || found.state === 'reserved' ? { ...released, isGone: true } : released;
  });
}

/** Changes a reservation, again when somebody else was faster. */
async function changed(
  client: EtcdClient,
  domain: string,
  { dryRun = false, onChange }: ChangeOptions,
  change: (host: HostView, found: StoredReservation) => Reservation & { readonly isGone?: boolean },
): Promise<PlacedReservation> {
  checkDomainName(domain);
  let tried: PlacedReservation | undefined;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const [item] = (await client.read(reservationKey(domain))).items;
    const host = item && (await readHost(client, parsePlace(item).host));
    const found = host?.reservations.find((each) => each.domain.name === domain);
    // After an answer that was lost: it is released, and may be gone, or another one is there.
    if (tried !== undefined && found?.devices[0]?.uuid !== tried.devices[0]?.uuid) {
      onChange?.();
      return tried;
    }
    if (item === undefined) throw reservationUnknown(domain);
    if (host !== undefined && found !== undefined) {
      const { isGone = false, ...after } = change(host, found);
      tried = placedOn(host.name, after);
      const { host: _, ...value } = tried;
      if (!isGone && after.state === found.state) return tried;
      const done = dryRun
        ? true
        : isGone
          ? await remove(client, host.name, found, [])
          : (await client.transact({
              compare: [isUnchanged(found)],
              put: [{ key: found.key, value: JSON.stringify(value) }],
            })) !== undefined;
      if (done) {
        onChange?.();
        return tried;
      }
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
