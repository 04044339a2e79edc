import { script, type Step } from './host.ts';

/**
 * The tests of mdevctl 1.4.0 (its src/tests) as command lines: what is in the tree, what is asked for, and what comes of it.
 * What is not written here: the files that they expect, which are read from its source package.
 */
export interface Case {
  /** As in its source: `FUNCTION NAME`. */
  readonly name: string;
  readonly tree: readonly Step[];
  /** A command line without the program's name. `DATA` is the folder of its test data. */
  readonly line: string;
  /** `ok`; `refused`; or the sentence with which it is refused. */
  readonly outcome: string;
  /** Files of its test data that say what comes of it, and what that is. */
  readonly goldens: readonly Golden[];
  /** Why this program does otherwise, on purpose: it refuses what mdevctl accepts. */
  readonly differs?: string;
}

export interface Golden {
  readonly file: string;
  /** Standard output of the line with these words added; the definition that is there then; or the active device as JSON. */
  readonly of: 'stdout' | 'definition' | 'active';
  readonly words?: string;
}

export type Row = readonly [
  name: string,
  tree: readonly Step[],
  line: string,
  outcome?: string,
  differs?: string | undefined,
];

export const rows = (
  upstream: string,
  goldensOf: (name: string, outcome: string) => readonly Golden[],
  all: readonly Row[],
): readonly Case[] =>
  all.map(([name, tree, line, outcome = 'ok', differs]) => ({
    name: `${upstream} ${name}`,
    tree,
    line,
    outcome,
    goldens: goldensOf(name, outcome),
    ...(differs === undefined ? {} : { differs }),
  }));

export const none = (): readonly Golden[] => [];
/** A text and a JSON in this folder. */
export const listed =
  (folder: string) =>
  (name: string): readonly Golden[] => [
    { file: `${folder}/${name}.text`, of: 'stdout' },
    { file: `${folder}/${name}.json`, of: 'stdout', words: '--dumpjson' },
  ];
/** The definition that was written, in this folder. */
export const written =
  (folder: string) =>
  (name: string, outcome: string): readonly Golden[] =>
    outcome === 'ok' ? [{ file: `${folder}/${name}.expected`, of: 'definition' }] : [];

export const U = '976d8cc2-4bfc-43b9-b9f9-f4af2de91ab9';
export const P = '0000:00:03.0';
export const P2 = '0000:00:02.0';
export const GVT = 'i915-GVTg_V5_4';
/** Scripts of version 2 answer for this one. */
export const V = '11111111-1111-0000-0000-000000000000';
export const versioned = (end: string): string => `11111111-1111-0000-0000-${end.repeat(12)}`;

/** Of a broken device. The second of each pair takes away what the link leads to. */
export const BROKEN = [
  ['broken-active-mdev-type', 'type link'],
  ['removed-active-mdev-type', 'type'],
  ['broken-active-parent', 'device link'],
  ['removed-active-parent', 'device'],
] as const;

export const [good, bad] = [script('rc0.sh'), script('rc1.sh')];
export const [answers, objects] = [script('ver-rc0.sh'), script('ver-rc1.sh')];
export const AP = 'vfio_ap-passthrough';
