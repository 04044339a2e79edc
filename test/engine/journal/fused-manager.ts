import type { Context } from '../../../src/engine/context.ts';
import {
  type DefinitionStore,
  memoryDefinitions,
} from '../../../src/engine/definitions/definitions.ts';
import { type Journal, memoryJournal } from '../../../src/engine/journal/journal.ts';
import { type Changes, MemoryPart, type PreparedChanges } from '../../../src/engine/store/kv.ts';
import { createManager } from '../../../src/engine/manager.ts';
import type { ActiveEntry, PersistentEntry } from '../../../src/engine/store/records.ts';
import { Store } from '../../../src/engine/store/store.ts';
import type { EngineManager } from '../../../src/engine/node-device-manager.ts';
import type { Issue } from '../../../src/errors.ts';
import { HostError } from '../../../src/host/host.ts';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { createMemoryHost } from '../../../src/host/simulated/memory.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';

/**
 * Counts down to the change that fails; infinity: none does. A deadly one fails all after it too: a kill. A late one fails
 * after it took effect.
 */
export class Fuse {
  left = Infinity;
  isDeadly = false;
  isLate = false;
  errno = 'EIO';
  /** Runs a change, and lets it fail when it is its turn. */
  through<T>(change: () => T): T {
    if (!this.isLate) this.burn();
    const result = change();
    if (this.isLate) this.burn();
    return result;
  }
  burn(): void {
    this.left -= 1;
    if (this.left === 0 || (this.isDeadly && this.left < 0)) {
      throw new HostError(this.errno, '/sys/injected');
    }
  }
}

/** A part of the store that can fail to be kept, as on a full disk, and to be taken back. */
class FailingPart<V> extends MemoryPart<V> {
  readonly #fuse: Fuse;
  constructor(fuse: Fuse) {
    super();
    this.#fuse = fuse;
  }
  override prepare(changes: Changes<V>): PreparedChanges {
    this.#fuse.burn();
    const { keep, undo } = super.prepare(changes);
    return { keep: () => this.#fuse.through(keep), undo: () => this.#fuse.through(undo) };
  }
}

/** What outlives a process of ours. */
export interface World {
  readonly host: SimulatedHost;
  readonly definitions: DefinitionStore;
  readonly journal: Journal;
  readonly active: MemoryPart<ActiveEntry>;
  readonly persistent: MemoryPart<PersistentEntry>;
}

export function newWorld(fuse: Fuse, profile = 'nvidia-m60'): World {
  return {
    host: createMemoryHost(profile.includes('<') ? profile : readSampleProfile(profile)),
    definitions: memoryDefinitions(),
    journal: memoryJournal(),
    active: new FailingPart(fuse),
    persistent: new FailingPart(fuse),
  };
}

/** `target`, whose methods of these names, and the functions they return, burn the fuse first. */
function fused<T extends object>(target: T, fuse: Fuse, methods: readonly string[]): T {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (!methods.includes(String(name))) return Reflect.apply(value, target, args);
        const result: unknown = fuse.through<unknown>(() => Reflect.apply(value, target, args));
        if (typeof result !== 'function') return result;
        return (): unknown => fuse.through<unknown>(() => Reflect.apply(result, undefined, []));
      };
    },
  });
}

/** A manager where each change of the host, a definition, the journal or the store burns the fuse. */
export function managerOf(
  fuse: Fuse,
  world: World,
  report: (issue: Issue) => void = () => undefined,
): EngineManager {
  const host = fused(world.host, fuse, ['create', 'remove', 'setAttribute', 'runTool']);
  const context: Context = {
    host,
    store: new Store({
      active: world.active,
      persistent: world.persistent,
      bootId: () => host.bootId(),
    }),
    definitions: fused(world.definitions, fuse, ['define', 'update', 'undefine', 'keep']),
    journal: fused(world.journal, fuse, ['write', 'mark', 'remove']),
    newUuid: () => '00000000-0000-4000-8000-0000000000ff',
    now: Date.now,
    report,
  };
  return createManager('test:///failing', context, undefined);
}
