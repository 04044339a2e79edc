import type { Hypothesis } from '../drivers/hypotheses.ts';
import type { CardInfo } from '../engine/card-info.ts';
import { groupBy } from '../group-by.ts';
import { vendorReasons } from '../policy/give.ts';
import { misfit } from './misfit.ts';
import { nearRequests } from './near.ts';
import { boundByKernel, boundBySettings } from '../engine/wording/forecast-messages.ts';
import type { Misfit, PlacedDevice, Placement, PlacementRequest, Policy } from './placement.ts';
import { parentsOf, parentsOffering } from './parents.ts';
import type { Site } from './sites.ts';
import { type Solution, solve } from './solve.ts';

/**
 * Finds a parent for every device. `policy` decides which placement of all devices is the best. Of equally good ones,
 * a device that may have several types gets the smallest. Few devices are placed by branch and bound, so that the
 * result is the best possible. Many are placed by a heuristic, and the result has a proven lower bound. Devices that
 * prefer a NUMA node are there as far as there is room; cost and bound are those of such placements.
 *
 * @throws NodedevError `type-unknown` (no parent offers it), `criterion-invalid`, `request-invalid`
 */
export function place(
  cards: readonly CardInfo[],
  asked: readonly PlacementRequest[],
  policy: Policy = 'pack',
): Placement | Misfit {
  const { requests, origins, caveats } = nearRequests(cards, asked, policy);
  const solution = solve(cards, requests, policy);
  checkOffered(cards, requests, solution);
  if (solution.assignment.size < solution.units.length) {
    return misfit(cards, requests, policy, solution);
  }
  const { cost, bound, assignment } = solution;
  const devices = [...assignment].flatMap(([unit, candidates]) =>
    candidates.map(({ site, parent, move }, index): PlacedDevice => {
      const request = origins[unit.items[index]?.request ?? 0] ?? 0;
      return {
        request,
        group: asked[request]?.group,
        parent: site.info.parents[parent]?.name ?? '',
        type: move.type,
      };
    }),
  );
  return {
    fits: true,
    policy,
    devices: devices.toSorted((a, b) => a.request - b.request),
    cost,
    bound,
    caveats: [
      ...caveats,
      ...caveatsOf(new Set([...assignment.values()].flat().map(({ site }) => site))),
      ...mixedGroups(cards, devices),
    ],
  };
}

/** Groups whose devices their driver does not take into one VM. */
function mixedGroups(
  cards: readonly CardInfo[],
  devices: readonly PlacedDevice[],
): readonly string[] {
  const types = new Map(cards.flatMap(({ card }) => card.types.map((type) => [type.id, type])));
  const groups = groupBy(
    devices.filter(({ group }) => group !== undefined),
    ({ group }) => group,
  );
  const sentences = [...groups.values()].flatMap((members) => {
    const placed = members.map(({ type }, index) => {
      return { uuid: String(index), type, typeName: types.get(type)?.name };
    });
    return vendorReasons(placed).map(({ message }) => `${message}.`);
  });
  return [...new Set(sentences)];
}

function checkOffered(
  cards: readonly CardInfo[],
  requests: readonly PlacementRequest[],
  { units }: Solution,
): void {
  for (const { request, types } of new Set(units.flatMap(({ items }) => items))) {
    const type = requests[request]?.type;
    const isOffered = [...types.values()].some((ids) => ids.length > 0);
    if (!isOffered && type !== undefined) parentsOffering(parentsOf(cards), type);
  }
}

/** Rules with a limit that the driver does not show. On virtual functions the counts already include it. */
function unsureTypes({ card, parents }: CardInfo, rules: Hypothesis): readonly string[] {
  const [parent] = parents;
  if (parent === undefined || parents.length > 1) return [];
  return card.types
    .map((type) => rules.driver.explain(rules.card, parent.address, type))
    .flatMap(({ confidence, rule }) => (confidence === 'upper-bound' ? [rule] : []))
    .slice(0, 1);
}

function caveatsOf(used: ReadonlySet<Site>): readonly string[] {
  const caveats = [...used].flatMap(({ info, rules: [rules, ...others] }) => {
    if (rules === undefined) return [boundByKernel];
    return others.length > 0 ? [boundBySettings(rules.driver.name)] : unsureTypes(info, rules);
  });
  return [...new Set(caveats)];
}
