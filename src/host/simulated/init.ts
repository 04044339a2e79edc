import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { NodedevError } from '../../errors.ts';
import { DiskTree } from '../disk-tree.ts';
import { hostErrorFrom } from '../errno.ts';
import { HostError } from '../host.ts';
import { makeFolder } from '../make-folder.ts';
import { MemoryTree } from '../memory-tree.ts';
import { baseName, file, link } from '../tree.ts';
import { formatHardware } from './hardware-file.ts';
import type { SimulatedHost } from './host.ts';
import { materialise } from './materialise.ts';
import { openSimulatedHost, type SimulatedOptions } from './open.ts';
import { parseProfile } from './parse-profile.ts';
import { DISCARDED, DRIVERS, HARDWARE, MAKING, PROFILE } from './paths.ts';
import type { Layout } from './profile.ts';
import { readSampleProfile } from './samples.ts';

export interface InitOptions extends SimulatedOptions {
  /** The profile's file, for locations in errors. */
  readonly file?: string | undefined;
  /** The texts of its {@link SimulatedOptions.modules}. */
  readonly sources?: ReadonlyMap<string, string> | undefined;
  /** Absent: a directory for each type, as Linux has it. */
  readonly layout?: Layout | undefined;
}

/**
 * Makes a simulated host in a directory that is empty or does not exist yet, as a whole or not at all. What an interrupted
 * making left is replaced.
 *
 * @param profile the name of a profile of this package, or the XML of one
 * @throws NodedevError `profile-invalid` and what {@link parseProfile} throws, before anything is written;
 * `name-exists` when there is something in the directory; `permission-denied` or `store-failed` when it cannot be made
 */
export function makeSimulatedHost(
  folder: string,
  profile: string | Uint8Array,
  options: InitOptions = {},
): SimulatedHost {
  const text = profileText(profile);
  const parsed = parseProfile(text, options.file, options);
  // A profile that cannot be laid out fails here, before anything is written to disk.
  const plan = new MemoryTree();
  materialise(parsed, plan);
  const isNew = !existsSync(folder);
  try {
    makeDirectory(folder);
    const tree = new DiskTree(folder);
    const parts = [...plan.names('/').map((name) => `/${name}`), MAKING];
    const isLeft = isOnlyLeft(folder, tree, parts);
    try {
      if (isLeft) removeParts(tree, parts);
      tree.plant(MAKING, link('sim init'));
      materialise(parsed, tree);
      const source = typeof text === 'string' ? text : new TextDecoder().decode(text);
      tree.plant(PROFILE, file(source, 0o644));
      for (const [module, program] of options.sources ?? []) {
        tree.ensureDirectory(DRIVERS);
        tree.plant(`${DRIVERS}/${baseName(module)}`, file(program, 0o644));
      }
      const next = `${DISCARDED}/hardware.json`;
      tree.plant(next, file(formatHardware(parsed), 0o644));
      tree.rename(next, HARDWARE);
      // While it counts as being made: what cannot be opened is not left as a host.
      const host = openSimulatedHost(folder, options);
      tree.prune(MAKING);
      return host;
    } catch (error) {
      attemptQuietly(() => removeParts(tree, [HARDWARE, ...parts]));
      throw error;
    }
  } catch (error) {
    if (isNew) attemptQuietly(() => rmdirSync(folder)); // which a host in it prevents
    throw error instanceof HostError ? cannotMake(folder, error) : error;
  }
}

/**
 * The name of the profile of the host that {@link makeSimulatedHost} would make, without making it.
 *
 * @throws NodedevError as it, but for what only writing shows
 */
export function checkSimulatedHost(
  folder: string,
  profile: string | Uint8Array,
  options: InitOptions = {},
): string {
  const parsed = parseProfile(profileText(profile), options.file, options);
  const plan = new MemoryTree();
  materialise(parsed, plan);
  const parts = [...plan.names('/').map((name) => `/${name}`), MAKING];
  try {
    if (existsSync(folder)) isOnlyLeft(folder, new DiskTree(folder), parts);
  } catch (error) {
    throw error instanceof HostError ? cannotMake(folder, error) : error;
  }
  return parsed.name;
}

/**
 * Whether a directory has what an interrupted making left.
 *
 * @throws NodedevError `name-exists`: it has something else
 */
function isOnlyLeft(folder: string, tree: DiskTree, parts: readonly string[]): boolean {
  const isLeft = tree.kind(MAKING) !== undefined && tree.kind(HARDWARE) === undefined;
  if (entriesOf(folder).some((name) => !isLeft || !parts.includes(`/${name}`))) {
    throw new NodedevError('name-exists', `The directory '${folder}' is not empty`, {
      hint: 'A simulated host is made in a new directory.',
    });
  }
  return isLeft;
}

/** Removes what was made of a host, the mark of it last. */
function removeParts(tree: DiskTree, parts: readonly string[]): void {
  for (const part of parts) if (tree.kind(part) !== undefined) tree.prune(part);
}

function attemptQuietly(tidy: () => void): void {
  try {
    tidy();
  } catch {
    // The mark of an interrupted making is left: the next one tidies up, and the first error says more.
  }
}

/** The XML of a profile: the argument itself if it has a `<`, else the profile of that name. */
function profileText(profile: string | Uint8Array): string | Uint8Array {
  return typeof profile === 'string' && !profile.includes('<')
    ? readSampleProfile(profile)
    : profile;
}

function cannotMake(folder: string, error: HostError): NodedevError {
  const isDenied = ['EACCES', 'EPERM', 'EROFS'].includes(error.errno);
  return new NodedevError(
    isDenied ? 'permission-denied' : 'store-failed',
    `Cannot make a simulated host in '${folder}': ${error.errno} ${error.path}`,
    { hint: 'Name a directory that can be made and written to.', cause: error },
  );
}

function makeDirectory(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw hostErrorFrom(error, folder);
  }
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw hostErrorFrom(error, folder);
  }
}
