import * as v from 'valibot';
import { HostError } from '../host.ts';
import { readIfAny } from '../sysfs/values.ts';
import { file, type Tree } from '../tree.ts';
import { DISCARDED, isDevicePath, LEAVING } from './paths.ts';
import type { Moving } from './uevents.ts';

/**
 * Hardware that leaves a simulated host: the device itself, or only its driver. It is noted before anything is changed, and
 * whoever comes next goes on with it, since the removal of a device cannot be taken back. What comes is noted as leaving until
 * all of it is there, so that an interruption takes it away again.
 */
export interface Leaving extends Moving {
  /** Whether listeners knew of it before. */
  readonly wasThere: boolean;
  /** Bytes of the log before the change's uevents. */
  readonly log: number;
  /** Somebody holds one of its devices: the rest follows with the last close. */
  readonly waits?: boolean | undefined;
}

const shape = v.array(
  v.object({
    path: v.pipe(v.string(), v.check(isDevicePath)),
    subsystem: v.string(),
    what: v.picklist(['device', 'driver']),
    driver: v.optional(v.string()),
    wasThere: v.boolean(),
    log: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    waits: v.optional(v.boolean()),
  }),
) satisfies v.GenericSchema<readonly Leaving[]>;

/** What is leaving. Throws HostError EBADMSG when somebody changed the file. */
export function readLeaving(tree: Tree): readonly Leaving[] {
  if (tree.kind(LEAVING) === undefined) return [];
  const parsed = v.safeParse(shape, jsonOf(readIfAny(tree, LEAVING) ?? '[]'));
  if (!parsed.success) throw new HostError('EBADMSG', LEAVING);
  return parsed.output;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function writeLeaving(tree: Tree, all: readonly Leaving[]): void {
  const isThere = tree.kind(LEAVING) !== undefined;
  if (all.length === 0) {
    if (isThere) tree.prune(LEAVING);
    return;
  }
  const text = JSON.stringify(all);
  if (isThere) {
    tree.replace(LEAVING, text);
    return;
  }
  const next = `${DISCARDED}/leaving`;
  if (tree.kind(next) !== undefined) tree.prune(next);
  tree.plant(next, file(text, 0o644));
  tree.rename(next, LEAVING);
}

/** Whether a device, or its driver, is to leave: then the core makes nothing more on it (ENODEV, mdev_core.c). */
export function isLeaving(tree: Tree, path: string): boolean {
  return readLeaving(tree).some((leaving) => leaving.path === path);
}
