import * as v from 'valibot';
import {
  checkArguments,
  flag,
  optionalText,
  optionsOf,
  type ShapesOf,
  text,
} from '../arguments.ts';
import { EtcdClient } from '../etcd/client.ts';
import { type Issue, NodedevError } from '../errors.ts';
import { notReleased, releasedAgain } from './messages.ts';
import { Planner } from './planner.ts';
import { type PlacedReservation, release } from './reserve.ts';
import type { DomainRequest, ReserveOptions } from './seen-hosts.ts';

const ARGUMENTS = [
  v.instance(EtcdClient),
  v.array(
    v.looseObject({
      domain: v.looseObject({ name: text, uuid: optionalText }),
      devices: v.array(v.looseObject({ type: v.union([text, v.looseObject({})]) })),
    }),
  ),
  optionsOf({
    policy: v.optional(v.picklist(['pack', 'spread'])),
    hosts: v.optional(v.array(text)),
    dryRun: flag,
  } satisfies ShapesOf<ReserveOptions>),
];

/**
 * Reserves room for all of these domains, each in a transaction of its own, or for none.
 *
 * @throws NodedevError `reservation-exists`, `reservation-refused` (no host has room; `issues` say why), `request-invalid`, and those of etcd:
 *   after `etcd-unavailable` one may have been made, and asking again says so. Its `issues` also say what became of those before the one that failed
 */
export async function reserveAll(
  client: EtcdClient,
  requests: readonly DomainRequest[],
  options: ReserveOptions = {},
): Promise<readonly PlacedReservation[]> {
  checkArguments('reserveAll', ARGUMENTS, [client, requests, options]);
  const made = new Map<DomainRequest, PlacedReservation>();
  try {
    await new Planner(client).reserveAll(requests, options, made);
    return requests.flatMap((request) => made.get(request) ?? []);
  } catch (error) {
    if (!(error instanceof NodedevError) || options.dryRun === true) throw error;
    const issues: Issue[] = [];
    for (const reservation of made.values()) issues.push(await undo(client, reservation));
    throw error.withIssues(issues);
  }
}

async function undo(client: EtcdClient, { domain, host }: PlacedReservation): Promise<Issue> {
  try {
    await release(client, domain.name);
    return releasedAgain(domain.name, host);
  } catch (error) {
    if (!(error instanceof NodedevError)) throw error;
    return notReleased(domain.name, host, error.message);
  }
}
