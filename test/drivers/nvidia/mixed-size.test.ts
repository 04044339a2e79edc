import { expect, it } from 'vitest';
import { describedTypes } from '../../../src/drivers/described-types.ts';
import type { Card, CardType } from '../../../src/drivers/driver.ts';
import { nvidia } from '../../../src/drivers/nvidia/driver.ts';
import { roomOnCard } from '../../../src/drivers/room-on-card.ts';

// NVIDIA AI Enterprise 7, virtual GPU types: the numbers of equal-size and mixed-size mode (H100 80 GB, H100L 94 GB).

const FUNCTIONS = Array.from({ length: 32 }, (_, index) => `0000:42:${index}`);
const typesOf = (board: string, names: string): readonly CardType[] =>
  describedTypes(
    nvidia,
    names.split(' ').map((name, index): CardType => {
      return { id: `nvidia-${index + 1}`, name: `NVIDIA ${board}-${name}`, deviceApi: 'vfio-pci' };
    }),
    new Map(),
  );
const H100 = typesOf('H100XM', '80C 40C 20C 16C 10C 8C 5C 4C');
const H100L = typesOf('H100L', '94C 47C 23C 15C 11C 6C 4C');
const L40S = typesOf('L40S', '48Q 24Q 4Q');

/** How many more of a type a card takes that has these already, on functions in a row, and what is said of the first. */
function room(types: readonly CardType[], mode: string, wanted: string, there: readonly string[]) {
  const typeOf = (name: string): CardType => {
    const type = types.find((each) => each.name?.endsWith(`-${name}`));
    if (type === undefined) throw new Error(name);
    return type;
  };
  const devices = there.map((name, index) => {
    return { uuid: `${index}`, parent: FUNCTIONS[index] ?? '', type: typeOf(name).id };
  });
  const card: Card = {
    parents: FUNCTIONS,
    types,
    isFunctions: true,
    settings: { homogeneous: mode },
    devices,
  };
  const type = typeOf(wanted);
  const { confidence } = nvidia.explain(card, FUNCTIONS[devices.length] ?? '', type);
  return [roomOnCard(nvidia, card, type), confidence];
}

it.each([
  [H100, 'framebuffer', '16C', [], [5, 'exact']],
  [H100, 'none', '16C', [], [4, 'exact']],
  [H100, 'none', '8C', [], [8, 'exact']],
  [H100, 'none', '16C', ['16C', '16C', '16C'], [1, 'exact']],
  [H100, 'none', '16C', ['16C', '16C', '16C', '16C'], [0, 'exact']],
  [H100L, 'framebuffer', '6C', [], [15, 'exact']],
  [H100L, 'none', '6C', [], [8, 'exact']],
  [H100L, 'framebuffer', '4C', [], [23, 'exact']],
  [H100L, 'none', '4C', [], [16, 'exact']],
  // Beside another size only the framebuffer can be counted, and never more than alone.
  [H100, 'none', '16C', ['40C'], [2, 'upper-bound']],
  [H100, 'none', '8C', ['4C'], [8, 'upper-bound']],
  // No table has this board: how often the size fits may be too many, in both modes.
  [L40S, 'framebuffer', '4Q', [], [12, 'upper-bound']],
  [L40S, 'none', '4Q', [], [12, 'upper-bound']],
] as const)('%#: mode %s, one more %s', (types, mode, wanted, there, expected) => {
  expect(room(types, mode, wanted, there)).toEqual(expected);
});
