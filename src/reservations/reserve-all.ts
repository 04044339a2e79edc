import type { EtcdClient } from '../etcd/client.ts';
import { type Issue, NodedevError } from '../errors.ts';
import { notReleased, releasedAgain } from './messages.ts';
import { Planner } from './planner.ts';
import { type PlacedReservation, release } from './reserve.ts';
import type { DomainRequest, ReserveOptions } from './seen-hosts.ts';

/**
 * Reserves room for all of these domains, each in a transaction of its own, or for none.
 *
 * @throws NodedevError as {@link Planner.reserveAll}; its `issues` say what became of the reservations before the one that failed
 */
export async function reserveAll(
  client: EtcdClient,
  requests: readonly DomainRequest[],
  options: ReserveOptions = {},
): Promise<readonly PlacedReservation[]> {
  const made = new Map<DomainRequest, PlacedReservation>();
  try {
    await new Planner(client).reserveAll(requests, options, made);
    return requests.flatMap((request) => made.get(request) ?? []);
  } catch (error) {
    if (!(error instanceof NodedevError) || options.isDry === true) throw error;
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
