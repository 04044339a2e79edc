import { accessSync, constants, lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Issue } from '../../errors.ts';
import { errnoOf } from '../definitions/problems.ts';
import type { ExaminedHost } from './examined-host.ts';
import { finding } from './findings.ts';

/** What changes write below the root of a host, and what cannot be done without. */
const WRITTEN: readonly (readonly [path: string, what: string])[] = [
  ['sys', 'devices cannot be created, destroyed or updated'],
  ['run/virt-nodedev', 'nothing can be changed: what is active is recorded there'],
  ['var/lib/virt-nodedev', 'nothing can be changed: the journal of changes is there'],
  ['etc/mdevctl.d', 'devices cannot be defined or undefined'],
];

/**
 * File systems that are mounted read-only, as in many containers: a change would only meet them in its middle.
 *
 * @param access for tests: where nobody may mount anything
 */
export function checkReadOnly(
  { host: { root }, parents }: Pick<ExaminedHost, 'host' | 'parents'>,
  access: (path: string, mode: number) => void = accessSync,
): readonly Issue[] {
  if (root === undefined || parents.items.length === 0) return [];
  return WRITTEN.flatMap(([path, what]) => {
    const place = existingPart(join(root, path));
    return isReadOnly(place, access)
      ? finding('doctor-read-only', `${place} is mounted read-only: ${what}`, {
          hint: 'mount it writable; in a container, give it to the container so',
        })
      : [];
  });
}

/** The kernel says EROFS before it asks for permissions. */
function isReadOnly(path: string, access: (path: string, mode: number) => void): boolean {
  try {
    access(path, constants.W_OK);
    return false;
  } catch (error) {
    return errnoOf(error) === 'EROFS';
  }
}

function existingPart(path: string): string {
  const isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  return isThere || path === dirname(path) ? path : existingPart(dirname(path));
}
