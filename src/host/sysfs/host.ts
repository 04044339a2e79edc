import { join } from 'node:path';
import type { ToolAnswer, ToolCommand } from '../../drivers/card-setup.ts';
import { DiskTree } from '../disk-tree.ts';
import { type Host, HostError, type HostEvent, type HostWatch } from '../host.ts';
import { baseName, directoryName } from '../tree.ts';
import { SysfsBase } from './base.ts';
import type { BusEntry, BusState } from './bus-tracker.ts';
import { MDEV_BUS, MDEV_DEVICES } from './paths.ts';
import { runTool } from './run-tool.ts';
import { namesIfAny } from './values.ts';
import { watchBus } from './watch-bus.ts';

export interface SysfsHostOptions {
  /** The program that receives the kernel's messages; default `udevadm`, and none below another root than `/`. */
  readonly udevadm?: string | undefined;
}

/** The kernel's mediated devices below a root: `/` on a real host. Below another root the tree can only be read. */
export class SysfsHost extends SysfsBase implements Host {
  readonly kind = 'sysfs';
  readonly #disk: DiskTree;
  readonly #udevadm: string | undefined;

  /** @throws HostError when `root` is no directory that can be read */
  constructor(root = '/', { udevadm }: SysfsHostOptions = {}) {
    const tree = new DiskTree(root);
    super(tree);
    this.#disk = tree;
    // The kernel's messages are about this machine, so they are used for its own root only.
    this.#udevadm = udevadm ?? (tree.root === '/' ? 'udevadm' : undefined);
  }

  write(path: string, words: string): void {
    this.tree.write(path, words);
  }

  hasTool(program: string): boolean {
    return this.tree.kind(program) !== undefined;
  }

  runTool(command: ToolCommand): ToolAnswer {
    return runTool(join(this.#disk.root, command.program), command);
  }

  watch(listener: (event: HostEvent) => void, signal: AbortSignal): HostWatch {
    return watchBus(
      (known, withInodes) => unlessRefused(() => this.#lookAtBus(known, withInodes)),
      this.#udevadm,
      listener,
      signal,
    );
  }

  #lookAtBus(known: ReadonlyMap<string, BusEntry>, withInodes: boolean): BusState {
    const devices = new Map<string, BusEntry>();
    for (const uuid of namesIfAny(this.tree, MDEV_DEVICES)) {
      const link = `${MDEV_DEVICES}/${uuid}`;
      const inode = withInodes ? this.#disk.inode(link) : undefined;
      const before = known.get(uuid);
      const isKnown = inode !== undefined && before?.inode === inode;
      const parent = isKnown ? before.parent : this.#parentOf(link);
      if (parent !== undefined) devices.set(uuid, { parent, inode });
    }
    const others = this.offBus();
    for (const { ref } of others.devices) devices.set(ref.uuid, { parent: ref.parent });
    const parents = others.parents.map(({ address }) => address);
    return { parents: new Set([...namesIfAny(this.tree, MDEV_BUS), ...parents]), devices };
  }

  /** The parent of a device; undefined when the entry is gone or is no device, which a list reports. */
  #parentOf(link: string): string | undefined {
    const target = unlessRefused(() => this.tree.readLink(link));
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
