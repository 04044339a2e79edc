import { setInterval } from 'node:timers';
import { DiskTree } from '../disk-tree.ts';
import { isGone } from '../errno.ts';
import type { Host, HostEvent } from '../host.ts';
import { baseName, directoryName } from '../tree.ts';
import { SysfsBase } from './base.ts';
import { MDEV_DEVICES } from './paths.ts';
import { namesIfAny } from './values.ts';

/** How often {@link SysfsHost.watch} looks at the bus, in milliseconds. */
const POLL_INTERVAL = 200;

/** The kernel's mediated devices below a root: `/` on a real host; elsewhere a tree that can be read only. */
export class SysfsHost extends SysfsBase implements Host {
  readonly kind = 'sysfs';

  /** @throws HostError when `root` is no directory that can be read */
  constructor(root = '/') {
    super(new DiskTree(root));
  }

  write(path: string, words: string): void {
    this.tree.write(path, words);
  }

  /** Looks at the bus directory; a device that came and went between two looks is not seen. */
  watch(listener: (event: HostEvent) => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    let known = this.#parentsByUuid(new Map());
    const timer = setInterval(() => {
      const now = this.#parentsByUuid(known);
      const time = Date.now();
      for (const [uuid, parent] of known) {
        if (now.get(uuid) !== parent) listener({ action: 'remove', parent, uuid, time });
      }
      for (const [uuid, parent] of now) {
        if (known.get(uuid) !== parent) listener({ action: 'add', parent, uuid, time });
      }
      known = now;
    }, POLL_INTERVAL);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }

  #parentsByUuid(known: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const uuid of namesIfAny(this.tree, MDEV_DEVICES)) {
      const parent = known.get(uuid) ?? this.#parentOf(uuid);
      if (parent !== undefined) found.set(uuid, parent);
    }
    return found;
  }

  #parentOf(uuid: string): string | undefined {
    try {
      return baseName(directoryName(this.tree.readLink(`${MDEV_DEVICES}/${uuid}`)));
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }
}
