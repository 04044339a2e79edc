import { existsSync } from 'node:fs';
import { NodedevError } from '../../errors.ts';

/**
 * Earlier versions kept a part of the store in a file of LMDB beside where it is now.
 *
 * @param file where it is now
 * @throws NodedevError `store-failed`: there is one
 */
export function refuseOldForm(file: string): void {
  const old = file.replace(/\.json$/u, '.mdb');
  if (!existsSync(old)) return;
  throw new NodedevError('store-failed', `${old} is a store of an earlier version`, {
    hint:
      'finish there what needs its groups, owners and aliases, then move it and its -lock file away: ' +
      'devices and definitions stay, groups, owners and aliases are lost',
  });
}
