import { type Candidate, candidatesOf } from './candidates.ts';
import { type Assignment, put, take } from './greedy.ts';
import type { Site } from './sites.ts';

/** Rounds over all devices; more change next to nothing. */
const ROUNDS = 4;

/** Moves devices that stand alone from fuller to emptier cards, as long as the sum of squares falls. */
export function rebalance(sites: readonly Site[], placed: Assignment): Assignment {
  const result = new Map(placed);
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    for (const [unit, [from, ...mates]] of result) {
      const [item] = unit.items;
      if (from === undefined || item === undefined || mates.length > 0) continue;
      const limit = from.site.state.devices - 1;
      const emptier = sites.filter(({ state }) => state.devices < limit);
      const to = emptiest(candidatesOf(emptier, item, undefined, []), from);
      if (to === undefined) continue;
      take(from);
      put(to);
      result.set(unit, [to]);
      moved = true;
    }
    if (!moved) break;
  }
  return result;
}

/** Of the places that take no more of a card than it has now, the one on the card with the fewest devices. */
function emptiest(candidates: readonly Candidate[], from: Candidate): Candidate | undefined {
  const share = from.site.kind.share(from.move.type);
  return candidates
    .filter(({ site, move }) => site.kind.share(move.type) <= share)
    .reduce<Candidate | undefined>(
      (best, each) =>
        best === undefined || each.site.state.devices < best.site.state.devices ? each : best,
      undefined,
    );
}
