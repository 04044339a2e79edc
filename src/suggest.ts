/**
 * The most similar candidate: at most a third of the letters differ (insertions, deletions, replacements, swapped
 * neighbours), without case. Undefined when there is none.
 *
 * @param limit so many letters differ at most
 */
export function nearMiss(
  written: string,
  candidates: Iterable<string>,
  limit = Math.max(1, Math.floor(written.length / 3)),
): string | undefined {
  let best: string | undefined;
  // Something of the word must be right: a group `b` is no near miss of `a`, nor of an empty word.
  let bestDistance = Math.min(limit + 1, written.length);
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - written.length) >= bestDistance) continue;
    const distance = editDistance(written.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Two swapped letters count less than a wrong letter, because they are more likely. */
const SWAP = 0.9;

/** Optimal string alignment distance. Hostile input is long, so only the first 200 characters are compared. */
function editDistance(left: string, right: string): number {
  const a = left.slice(0, 200);
  const b = right.slice(0, 200);
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (previous[j] ?? 0) + 1,
        (current[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforePrevious[j - 2] ?? 0) + SWAP);
      }
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
