import { mkdirSync, readdirSync } from 'node:fs';
import { NodedevError } from '../../errors.ts';
import { DiskTree } from '../disk-tree.ts';
import { hostErrorFrom } from '../errno.ts';
import { file } from '../tree.ts';
import { formatHardware } from './hardware-file.ts';
import type { SimulatedHost } from './host.ts';
import { materialise } from './materialise.ts';
import { openSimulatedHost, type SimulatedOptions } from './open.ts';
import { parseProfile } from './parse-profile.ts';
import { HARDWARE, PROFILE } from './paths.ts';

export interface InitOptions extends SimulatedOptions {
  /** The profile's file, for locations in errors. */
  readonly file?: string | undefined;
}

/**
 * Makes a simulated host of a profile's text, in a directory that is empty or not there yet.
 *
 * @throws NodedevError `profile-invalid` and what {@link parseProfile} throws, before anything is written;
 * `name-exists` when there is something in the directory; HostError when it cannot be made or read
 */
export function initSimulatedHost(
  folder: string,
  profile: string | Uint8Array,
  options: InitOptions = {},
): SimulatedHost {
  const parsed = parseProfile(profile, options.file);
  if (entriesOf(folder).length > 0) {
    throw new NodedevError('name-exists', `The directory '${folder}' is not empty`, {
      hint: 'A simulated host is made in a new directory.',
    });
  }
  const tree = new DiskTree(folder);
  materialise(parsed, tree);
  const text = typeof profile === 'string' ? profile : new TextDecoder().decode(profile);
  tree.plant(PROFILE, file(text, 0o644));
  tree.plant(HARDWARE, file(formatHardware(parsed), 0o644));
  return openSimulatedHost(folder, options);
}

/** What is in a directory, which is made where it is missing. */
function entriesOf(folder: string): readonly string[] {
  try {
    mkdirSync(folder, { recursive: true });
    return readdirSync(folder);
  } catch (error) {
    throw hostErrorFrom(error, folder);
  }
}
