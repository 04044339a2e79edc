import { setInterval } from 'node:timers';
import { DiskTree } from '../disk-tree.ts';
import { type Host, HostError, type HostEvent } from '../host.ts';
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
      // A look that fails is made up for by the next one.
      const now = unlessRefused(() => this.#parentsByUuid(known)) ?? known;
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

  /** Undefined for an entry that has gone, and for one that is no device: a listing tells of those. */
  #parentOf(uuid: string): string | undefined {
    const target = unlessRefused(() => this.tree.readLink(`${MDEV_DEVICES}/${uuid}`));
    return target === undefined ? undefined : baseName(directoryName(target));
  }
}

function unlessRefused<T>(operation: () => T): T | undefined {
  try {
    return operation();
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}
