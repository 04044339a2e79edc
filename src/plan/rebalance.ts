import type { Board, Candidate } from './board.ts';
import { candidatesOf } from './candidates.ts';
import type { Assignment } from './greedy.ts';

/** Rounds over all devices. More rounds change almost nothing. */
const ROUNDS = 4;

/** Moves single devices from fuller to emptier cards, as long as the sum of squares gets smaller. */
export function rebalance(board: Board, placed: Assignment): Assignment {
  const result = new Map(placed);
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    for (const [unit, [from, ...mates]] of result) {
      const [item] = unit.items;
      if (from === undefined || item === undefined || mates.length > 0) continue;
      const to = emptiest(candidatesOf(board, item), from);
      if (to === undefined) continue;
      board.take(from);
      board.put(to);
      result.set(unit, [to]);
      moved = true;
    }
    if (!moved) break;
  }
  return result;
}

/** The candidate on the card with the fewest devices, of those that lower the sum and take no larger part of a card. */
function emptiest(candidates: readonly Candidate[], from: Candidate): Candidate | undefined {
  const share = from.site.kind.share(from.move.type);
  return candidates
    .filter(({ site }) => site.state.devices < from.site.state.devices - 1)
    .filter(({ site, move }) => site.kind.share(move.type) <= share)
    .reduce<Candidate | undefined>(
      (best, each) =>
        best === undefined || each.site.state.devices < best.site.state.devices ? each : best,
      undefined,
    );
}
