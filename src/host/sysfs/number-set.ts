/** More CPUs or nodes than this has no Linux (NR_CPUS). */
const MOST = 8192;

/**
 * A set of numbers as the kernel and libvirt write it: `0-3,8`, and `^2` for one that is left out. Undefined for any other
 * text; an empty text is an empty set.
 */
export function readNumberSet(text: string): readonly number[] | undefined {
  const numbers = new Set<number>();
  const without = new Set<number>();
  for (const piece of text.trim() === '' ? [] : text.split(',')) {
    const [, not, from, to = from] = /^\s*(\^?)(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(piece) ?? [];
    const last = Number(to);
    if (from === undefined || Number(from) > last || last > MOST) return undefined;
    for (let number = Number(from); number <= last; number++) {
      (not === '^' ? without : numbers).add(number);
    }
  }
  return [...numbers].filter((number) => !without.has(number)).toSorted((a, b) => a - b);
}

/** A set of numbers in that form. */
export function formatNumberSet(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}
