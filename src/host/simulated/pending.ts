import * as v from 'valibot';
import { isUuid } from '../../nodedev/uuid.ts';
import { readLinkIfAny } from '../sysfs/values.ts';
import type { Tree } from '../tree.ts';
import type { DevicePlace } from './device-tree.ts';
import { isFileName } from '../tree.ts';
import { CHANGING, isDevicePath } from './paths.ts';

/**
 * A change of a simulated host that is going on, or was interrupted. Interrupted, a device is created when its link on the
 * bus is there, and removed when it is not; its driver is bound when the device has a link to it; opening is undone, closing is finished; of an attribute's write what follows
 * from the file that changed is made anew; functions are all there, or none, as the number of them says.
 */
export type PendingChange =
  | {
      readonly do: 'create' | 'remove' | 'bind' | 'unbind';
      readonly device: DevicePlace;
      /** Bytes of the log before the change's uevents. */
      readonly log: number;
    }
  | { readonly do: 'open' | 'close'; readonly uuids: readonly string[] }
  | { readonly do: 'attribute' }
  | { readonly do: 'functions'; readonly physical: string };

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const uuid = v.pipe(v.string(), v.check(isUuid));
const shape = v.variant('do', [
  v.object({
    do: v.picklist(['create', 'remove', 'bind', 'unbind']),
    device: v.object({
      uuid,
      parentPath: v.pipe(v.string(), v.check(isDevicePath)),
      type: v.string(),
      driver: v.optional(v.string()),
      group: v.optional(count),
      index: v.optional(count),
      cdev: v.optional(v.boolean()),
      flat: v.optional(v.boolean()),
    }),
    log: count,
  }),
  v.object({ do: v.picklist(['open', 'close']), uuids: v.array(uuid) }),
  v.object({ do: v.literal('attribute') }),
  v.object({ do: v.literal('functions'), physical: v.pipe(v.string(), v.check(isFileName)) }),
]) satisfies v.GenericSchema<PendingChange>;

/** The text of the mark of a change. */
export function formatPending(change: PendingChange): string {
  return JSON.stringify(change);
}

/** What the mark of a change says; undefined when there is none, or when another version wrote it. */
export function readPending(tree: Tree): PendingChange | undefined {
  const text = readLinkIfAny(tree, CHANGING);
  try {
    const parsed = v.safeParse(shape, JSON.parse(text ?? ''));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
