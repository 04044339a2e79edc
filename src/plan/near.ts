import { typeText } from '../engine/devices/types-of-parent.ts';
import type { CardInfo } from '../engine/card-info.ts';
import { notAllNear } from './messages.ts';
import type { PlacementRequest, Policy } from './placement.ts';
import { isPlaceable } from './solve.ts';

/** Requests in which what was preferred is required, for as many devices as there is room. */
export interface NearRequests {
  readonly requests: readonly PlacementRequest[];
  /** For each, the index of the request it is part of. */
  readonly origins: readonly number[];
  /** What is not where it should be, as sentences. */
  readonly caveats: readonly string[];
}

/**
 * Requests that prefer a node are split: as many devices as fit are required to be there, the others may be anywhere. The
 * earlier requests have the first choice. Without a preference nothing changes.
 */
export function nearRequests(
  cards: readonly CardInfo[],
  requests: readonly PlacementRequest[],
  policy: Policy,
): NearRequests {
  const counts = requests.map(() => 0);
  const origins = requests.map((_, index) => index);
  const prefers = ({ node, near = [] }: PlacementRequest): boolean =>
    node === undefined && near.length > 0;
  if (!requests.some(prefers) || !isPlaceable(cards, requests, policy)) {
    return { requests, origins, caveats: [] };
  }
  const fits = (index: number, count: number): boolean =>
    isPlaceable(cards, split(requests, counts.with(index, count)).requests, policy);
  for (const [index, request] of requests.entries()) {
    if (prefers(request)) counts[index] = most(request.count ?? 1, (count) => fits(index, count));
  }
  const caveats = requests.flatMap((request, index) => {
    const far = (request.count ?? 1) - (counts[index] ?? 0);
    return prefers(request) && far > 0
      ? [notAllNear(far, typeText(request.type), request.near ?? [])]
      : [];
  });
  return { ...split(requests, counts), caveats };
}

/** The largest number up to `count` that fits, when a smaller one fits with a larger one. */
function most(count: number, fits: (count: number) => boolean): number {
  if (fits(count)) return count;
  let [low, high] = [0, count];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** @param counts how many devices of each request have to be near */
function split(
  requests: readonly PlacementRequest[],
  counts: readonly number[],
): Pick<NearRequests, 'requests' | 'origins'> {
  const parts = requests.flatMap((request, index) => {
    const near = counts[index] ?? 0;
    if (near === 0) return [{ request, index }];
    // Both parts stay one group, which an affinity may tie together.
    const { group = request.affinity && `request ${index}`, count = 1 } = request;
    const halves = [
      { ...request, group, count: near, node: request.near },
      { ...request, group, count: count - near },
    ];
    return halves.filter((half) => half.count > 0).map((half) => ({ request: half, index }));
  });
  return {
    requests: parts.map(({ request }) => request),
    origins: parts.map(({ index }) => index),
  };
}
