import type { Board, Candidate } from './board.ts';
import type { CardState, Move } from './card-kind.ts';
import type { Affinity } from './placement.ts';
import type { Site } from './sites.ts';
import type { Item } from './units.ts';

/**
 * All placements of a device that differ in their result. Of cards in the same state, and of parents with the same
 * devices, only the first is returned.
 *
 * @param mates the placements of the other devices of its unit
 */
export function candidatesOf(
  board: Board,
  item: Item,
  affinity?: Affinity,
  mates: readonly Candidate[] = [],
): readonly Candidate[] {
  const [first] = mates;
  if (affinity === 'same-parent' && first !== undefined) {
    const content = first.site.content(first.parent);
    return movesOf(first.site.state, item)
      .filter(({ before }) => before === content)
      .map((move) => ({ site: first.site, parent: first.parent, move }));
  }
  const node =
    affinity === 'same-numa-node' && first !== undefined
      ? { is: first.site.kind.numaNode }
      : undefined;
  // A card with mates on it is looked at by itself, since the affinity treats its parents differently.
  const touched = parentsBySite(mates);
  const found: Candidate[] = [];
  const consider = (site: Site, moves: readonly Move[]): void => {
    const excluded = affinity === 'different-parents' ? touched.get(site) : undefined;
    for (const move of moves) {
      const parent = site.parentWith(move.before, excluded);
      if (parent !== undefined) found.push({ site, parent, move });
    }
  };
  for (const site of touched.keys()) consider(site, movesOf(site.state, item));
  for (const [state, alike] of board.states) {
    if (node !== undefined && node.is !== state.kind.numaNode) continue;
    const moves = movesOf(state, item);
    const site = moves.length === 0 ? undefined : firstBut(alike, touched);
    if (site !== undefined) consider(site, moves);
  }
  return found;
}

function parentsBySite(mates: readonly Candidate[]): ReadonlyMap<Site, ReadonlySet<number>> {
  const found = new Map<Site, Set<number>>();
  for (const { site, parent } of mates) {
    found.set(site, (found.get(site) ?? new Set()).add(parent));
  }
  return found;
}

function firstBut(alike: ReadonlySet<Site>, touched: ReadonlyMap<Site, unknown>): Site | undefined {
  for (const site of alike) if (!touched.has(site)) return site;
  return undefined;
}

function movesOf(state: CardState, { types }: Item): readonly Move[] {
  const ids = types.get(state.kind) ?? [];
  const [only, ...others] = ids;
  if (only === undefined) return [];
  const { kind } = state;
  return others.length === 0 ? kind.moves(state, only) : ids.flatMap((id) => kind.moves(state, id));
}
