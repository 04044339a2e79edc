import type { EtcdClient } from '../etcd/client.ts';
import { type Issue, NodedevError } from '../errors.ts';
import { notReleased, releasedAgain } from './messages.ts';
import {
  type DomainRequest,
  type PlacedReservation,
  Planner,
  release,
  type ReserveOptions,
} from './reserve.ts';

/**
 * Reserves room for all of these domains, one after the other, each in a transaction of its own, or for none.
 *
 * @throws NodedevError as {@link Planner.reserve}; its `issues` say what became of the reservations before the one that failed
 */
export async function reserveAll(
  client: EtcdClient,
  requests: readonly DomainRequest[],
  options: ReserveOptions = {},
): Promise<readonly PlacedReservation[]> {
  const planner = new Planner(client);
  const made: PlacedReservation[] = [];
  try {
    for (const request of requests) made.push(await planner.reserve(request, options));
    return made;
  } catch (error) {
    if (!(error instanceof NodedevError)) throw error;
    const issues: Issue[] = [];
    for (const reservation of made) issues.push(await undo(client, reservation));
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
