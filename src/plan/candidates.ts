import type { Move } from './card-kind.ts';
import type { Site } from './sites.ts';
import type { Affinity } from './placement.ts';
import type { Item } from './units.ts';

/** One way to place one device. */
export interface Candidate {
  readonly site: Site;
  /** Index of the site's parent. */
  readonly parent: number;
  readonly move: Move;
}

/**
 * Every way to place a device that differs in anything: of cards in the same state, and of parents that hold the
 * same, one stands for all.
 *
 * @param mates where the other devices of its unit are
 */
export function candidatesOf(
  sites: readonly Site[],
  item: Item,
  affinity: Affinity | undefined,
  mates: readonly Candidate[],
): readonly Candidate[] {
  const [first] = mates;
  if (affinity === 'same-parent' && first !== undefined) {
    const content = first.site.content(first.parent);
    return movesOf(first.site, item)
      .filter(({ before }) => before === content)
      .map((move) => ({ site: first.site, parent: first.parent, move }));
  }
  const touched = new Map<Site, Set<number>>();
  for (const { site, parent } of mates) {
    touched.set(site, (touched.get(site) ?? new Set()).add(parent));
  }
  const seen = new Set<unknown>();
  const found: Candidate[] = [];
  for (const site of sites) {
    if (affinity === 'same-numa-node' && first && first.site.kind.numaNode !== site.kind.numaNode) {
      continue;
    }
    // A card its mates are on is like no other.
    const sameness = touched.has(site) ? site : site.state;
    if (seen.has(sameness)) continue;
    seen.add(sameness);
    const excluded = affinity === 'different-parents' ? touched.get(site) : undefined;
    for (const move of movesOf(site, item)) {
      const parent = site.parentWith(move.before, excluded);
      if (parent !== undefined) found.push({ site, parent, move });
    }
  }
  return found;
}

function movesOf({ kind, state }: Site, { types }: Item): readonly Move[] {
  return (types.get(kind) ?? []).flatMap((id) => kind.moves(state, id));
}
