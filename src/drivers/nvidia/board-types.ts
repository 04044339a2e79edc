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

/** How many vGPUs of a type one GPU takes, when all have this size, and when it is in mixed-size mode. */
export interface Maxima {
  readonly equal: number;
  /** Undefined for a MIG-backed type. */
  readonly mixed?: number | undefined;
}

/** `16C 5/4 1-10C 7` by type. */
const maxima = (list: string): ReadonlyMap<string, Maxima> =>
  new Map(
    [...list.matchAll(/(\S+) (\d+)(?:\/(\d+))?/g)].map(([, type = '', equal, mixed]) => [
      type,
      { equal: Number(equal), mixed: mixed === undefined ? undefined : Number(mixed) },
    ]),
  );

/**
 * NVIDIA AI Enterprise 7, virtual GPU types: time-sliced types with both numbers, MIG-backed ones with their instances. In
 * mixed-size mode a vGPU has places of its own size, so that there may be half as many as the memory divided by the size.
 */
const MAXIMA: readonly (readonly [boards: RegExp, byType: ReadonlyMap<string, Maxima>])[] = [
  [
    /^H200X?$/,
    maxima(
      `141C 1/1 70C 2/2 35C 4/4 28C 5/5 17C 8/8 14C 10/10 8C 16/16 7C 20/20 4C 32/32
       7-141C 1 4-71C 1 3-71C 2 2-35C 3 1-35C 4 1-18C 7 1-18CME 1`,
    ),
  ],
  [
    /^H[18]00(?:XM)?$/,
    maxima(
      `80C 1/1 40C 2/2 20C 4/4 16C 5/4 10C 8/8 8C 10/8 5C 16/16 4C 20/16
       7-80C 1 4-40C 1 3-40C 2 2-20C 3 1-20C 4 1-10C 7 1-10CME 1`,
    ),
  ],
  [
    /^(?:H100X?|H800)L$/,
    maxima(
      `94C 1/1 47C 2/2 23C 4/4 15C 6/4 11C 8/8 6C 15/8 4C 23/16
       7-94C 1 4-47C 1 3-47C 2 2-24C 3 1-24C 4 1-12C 7 1-12CME 1`,
    ),
  ],
  [/^H100XS$/, maxima('64C 1/1 32C 2/2 16C 4/4 8C 8/8 4C 16/16')],
];

/** The maxima of a type by its short name (`H200X-141C`); undefined: it is in no table. */
export function listedMaxima(shortName: string): Maxima | undefined {
  const [, board = '', type = ''] = /^(.+?)-((?:\d+-)?\d+[A-Z]+)$/.exec(shortName) ?? [];
  return maximaOf(board)?.get(type);
}

const maximaOf = (board: string): ReadonlyMap<string, Maxima> | undefined =>
  MAXIMA.find(([boards]) => boards.test(board))?.[1];

/** The MIG-backed types of a board in the tables, with or without a known id: compute slices, and GB of framebuffer. */
export const listedInstances = (
  board: string,
): readonly { readonly slices: number; readonly size: number }[] =>
  [...(maximaOf(board)?.keys() ?? [])].flatMap((type) => {
    const [, slices, size] = /^(\d+)-(\d+)/.exec(type) ?? [];
    return slices === undefined ? [] : [{ slices: Number(slices), size: Number(size) }];
  });
