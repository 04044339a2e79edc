import { lstatSync, statSync, type Stats } from 'node:fs';

// A simulated host is changed by all who may write to its directory: when that is a group, what is written below is the
// group's too. On a real host no folder of ours is a group's.

export const isGroupWritable = ({ mode }: Stats): boolean => (mode & 0o020) !== 0;

/** The mode of something new in a folder: with the owner's rights for the group, when the folder is the group's. */
export function modeIn(folder: string, mode: number): number {
  return isGroupWritable(statSync(folder)) ? mode | ((mode & 0o700) >> 3) : mode;
}

/** A mode for chmod that keeps what a new folder has from the one above it: that new files get its group. */
export const withSpecialBits = (folder: string, mode: number): number =>
  (lstatSync(folder).mode & 0o7000) | mode;
