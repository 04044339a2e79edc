import { lookAt } from '../../fleet/carry-out.ts';
import { FleetRoom } from '../../fleet/place-hosts.ts';
import { unpackCard } from '../../plan/inventory.ts';
import { place } from '../../plan/place.ts';
import type { Placement, PlacementRequest, Policy } from '../../plan/placement.ts';
import { envelopeOf } from '../answers.ts';
import type { FleetContext } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import * as messages from '../messages.ts';
import { shown } from '../shown.ts';
import { failureAnswer, tellFailures } from './each-host.ts';

/** Finds a host, and a parent on it, for each device; devices with an affinity go to one host together. Hosts that are unknown have no room. */
export async function placeOnFleet(
  context: FleetContext,
  asked: readonly PlacementRequest[],
  policy: Policy | undefined,
  format: (placement: Placement) => string,
): Promise<number> {
  const { hosts, output } = context;
  const reaching = context.reaching((host) => context.connectTo(host, output));
  const { fleet, unknown } = await lookAt(hosts, reaching.options).finally(reaching.end);
  const cards = fleet.seen.map(({ host, inventory }) => ({
    host,
    cards: inventory.cards.map(unpackCard),
  }));
  const all = new Set(cards.map(({ host }) => host.name));
  const isOne = asked.some(({ affinity }) => affinity !== undefined);
  const units = isOne
    ? [asked]
    : asked.flatMap((request) =>
        Array.from({ length: request.count ?? 1 }, () => [{ ...request, count: 1 }]),
      );
  const wished = units.map((requests) => ({ requests, hosts: all }));
  const room = new FleetRoom(cards.map((each) => ({ ...each, host: each.host.name })));
  const taken = room.takeAll(wished, policy);
  const tried = cards.flatMap(({ host, cards: own }) => {
    const here = wished
      .filter((each) => taken.get(each)?.host === host.name)
      .flatMap(({ requests }) => requests);
    if (here.length === 0) return [];
    const found = place(own, here, policy);
    return [{ host, found, here }];
  });
  const placed = tried.flatMap(({ host, found }) => (found.fits ? [{ host, found }] : []));
  const isLeft = new Set(tried.flatMap(({ found, here }) => (found.fits ? [] : here)));
  const left = wished.filter(
    (each) => !taken.has(each) || each.requests.some((request) => isLeft.has(request)),
  ).length;
  if (context.isJson) {
    output.report('fleet', {
      hosts: [
        ...placed.map(({ host, found }) => ({
          ...host,
          state: 'answered' as const,
          exitCode: 0,
          answer: envelopeOf('place', found, { warnings: [] }),
        })),
        ...unknown.map(({ host, error }) => failureAnswer(host, 'unknown', error)),
      ],
      unplaced: left,
    });
  } else {
    output.print(
      placed
        .map(({ host, found }) => `${messages.hostHeading(host.name)}\n${format(shown(found))}`)
        .join('\n'),
    );
    if (left > 0) output.print(messages.unplaced(left));
    tellFailures(context, [
      ...fleet.seen.map((each) => ({ host: each.host, state: 'answered' as const, value: each })),
      ...unknown,
    ]);
  }
  return left > 0 || unknown.length > 0 ? EXIT.failure : 0;
}
