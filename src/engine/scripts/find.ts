import { existsSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NodedevError } from '../../errors.ts';
import { DEFINITIONS, listNames, SCRIPTS, stayInside } from '../definitions/folder.ts';
import { errnoOf } from '../definitions/problems.ts';

/** Callouts handle one type and may refuse; notifiers are called for everything. */
export type ScriptKind = 'callouts' | 'notifiers';

export interface FoundScripts {
  /** Paths, in the order in which they are called. */
  readonly scripts: readonly string[];
  /** Scripts that are not run, because another user could have written them. */
  readonly problems: readonly NodedevError[];
}

/** The folders of scripts, in mdevctl's order. For mdevctl the second one is deprecated. */
const PLACES = [
  ['usr', 'lib', 'mdevctl', SCRIPTS],
  [...DEFINITIONS, SCRIPTS],
] as const;

/**
 * The scripts below a root: executable files, sorted by name. Others (a README) are passed over, as by mdevctl,
 * which fails to run them and goes on.
 *
 * @throws NodedevError permission-denied, store-failed, definition-invalid when a folder leads out of the root
 */
export function findScripts(root: string, kind: ScriptKind): FoundScripts {
  const files = PLACES.flatMap((place) => {
    const folder = stayInside(root, join(root, ...place, kind));
    return folder === undefined ? [] : listNames(folder).map(({ name }) => join(folder, name));
  }).filter(isExecutable);
  return {
    scripts: files.filter(isSafe),
    problems: files.filter((file) => !isSafe(file)).map(unsafe),
  };
}

/** Whether there is any folder for scripts; most hosts have none. */
export function hasScripts(root: string): boolean {
  return PLACES.some((place) => existsSync(join(root, ...place)));
}

/** Whether there is any script in them: mdevctl's package brings the folders, but no script. */
export function hasAnyScript(root: string): boolean {
  return (['callouts', 'notifiers'] as const).some((kind) => {
    const { scripts, problems } = findScripts(root, kind);
    return scripts.length + problems.length > 0;
  });
}

/** Whether neither the file nor its folder can be written by another user. */
function isSafe(file: string): boolean {
  return isOurs(file) && isOurs(dirname(file));
}

function isExecutable(file: string): boolean {
  const status = statusOf(file);
  return status !== undefined && status.isFile() && (status.mode & 0o111) !== 0;
}

/** Whether only root or our own user can write this file, since it runs with our rights. */
function isOurs(path: string): boolean {
  const status = statusOf(path);
  if (status === undefined) return false;
  return [0, process.geteuid?.()].includes(status.uid) && (status.mode & 0o022) === 0;
}

/** The status of a path, with links followed; undefined for a dangling link. */
function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

function unsafe(file: string): NodedevError {
  return new NodedevError('script-failed', `${file} is not run: others than root can change it`, {
    hint: `chown root and chmod go-w the file and ${dirname(file)}`,
  });
}
