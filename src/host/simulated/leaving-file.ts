import * as v from 'valibot';
import type { Tree } from '../tree.ts';
import { readList, writeList } from './json-file.ts';
import { isDevicePath, LEAVING } from './paths.ts';
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
export const readLeaving = (tree: Tree): readonly Leaving[] => readList(tree, LEAVING, shape);

export function writeLeaving(tree: Tree, all: readonly Leaving[]): void {
  writeList(tree, LEAVING, all);
}

/** Whether a device, or its driver, is to leave: then the core makes nothing more on it (ENODEV, mdev_core.c). */
export function isLeaving(tree: Tree, path: string): boolean {
  return readLeaving(tree).some((leaving) => leaving.path === path);
}
