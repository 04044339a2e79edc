import type { NumberedType } from '../driver.ts';

/** `names` in the order of their numbers, from `first`. */
const row = (first: number, board: string, names: string): readonly NumberedType[] =>
  names
    .split(' ')
    .map((name, index) => ({ number: first + index, name: `NVIDIA ${board}-${name}` }));

const Q = '1Q 2Q 3Q 4Q 6Q 8Q 12Q 16Q 24Q 48Q';

/**
 * Types by PCI device id, for when a function does not list them because the GPU is full or has vGPUs of another size.
 * L40S: a real listing (driver 580.105.06, https://github.com/bigstack-oss/cubecos/issues/312). RTX 6000 Ada: from
 * documentation, its Q types only. A40: those it has as mediated devices (driver 510.47.03). H200 SXM: the two that are
 * published (README of https://github.com/NVIDIA/kubevirt-gpu-device-plugin). Of other boards no listing is known.
 */
const BOARDS: Readonly<Record<string, readonly NumberedType[] | undefined>> = {
  '0x26b9': [
    ...row(1145, 'L40S', '1B 2B'),
    ...row(1147, 'L40S', Q),
    ...row(1157, 'L40S', Q.replaceAll('Q', 'A')),
    ...row(2164, 'L40S', '3B'),
  ],
  '0x26b1': row(941, 'RTX6000-Ada', Q),
  '0x2235': [
    ...row(555, 'A40', '1B 2B'),
    ...row(557, 'A40', Q),
    ...row(567, 'A40', Q.replaceAll('Q', 'A')),
    ...row(581, 'A40', '4C 6C 8C 12C 16C 24C 48C'),
  ],
  '0x2335': [...row(1414, 'H200X', '1-18C'), ...row(1428, 'H200X', '141C')],
};

export const boardTypes = (device: string): readonly NumberedType[] => BOARDS[device] ?? [];

/**
 * The most vGPUs of one GPU, all of equal size, where it is not the memory divided by the size (NVIDIA AI Enterprise 7,
 * virtual GPU types). MIG-backed types by their number of instances.
 */
const MAXIMA: readonly (readonly [
  boards: RegExp,
  byType: Readonly<Record<string, number | undefined>>,
])[] = [
  [
    /^H200X?$/,
    {
      '141C': 1,
      '70C': 2,
      '35C': 4,
      '28C': 5,
      '17C': 8,
      '14C': 10,
      '8C': 16,
      '7C': 20,
      '4C': 32,
      '7-141C': 1,
      '4-71C': 1,
      '3-71C': 2,
      '2-35C': 3,
      '1-35C': 4,
      '1-18C': 7,
      '1-18CME': 1,
    },
  ],
  [
    /^H[18]00(?:XM)?$/,
    {
      '80C': 1,
      '40C': 2,
      '20C': 4,
      '16C': 5,
      '10C': 8,
      '8C': 10,
      '5C': 16,
      '4C': 20,
      '7-80C': 1,
      '4-40C': 1,
      '3-40C': 2,
      '2-20C': 3,
      '1-20C': 4,
      '1-10C': 7,
      '1-10CME': 1,
    },
  ],
];

/** The listed maximum of a type by its short name (`H200X-141C`); undefined: it is in no table. */
export function listedMaximum(shortName: string): number | undefined {
  const [, board = '', type = ''] = /^(.+?)-((?:\d+-)?\d+[A-Z]+)$/.exec(shortName) ?? [];
  return maximaOf(board)[type];
}

const maximaOf = (board: string): Readonly<Record<string, number | undefined>> =>
  MAXIMA.find(([boards]) => boards.test(board))?.[1] ?? {};

/** The MIG-backed types of a board in the tables, with or without a known id: compute slices, and GB of framebuffer. */
export const listedInstances = (
  board: string,
): readonly { readonly slices: number; readonly size: number }[] =>
  Object.keys(maximaOf(board)).flatMap((type) => {
    const [, slices, size] = /^(\d+)-(\d+)/.exec(type) ?? [];
    return slices === undefined ? [] : [{ slices: Number(slices), size: Number(size) }];
  });
