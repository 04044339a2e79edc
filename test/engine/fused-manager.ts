import type { Context } from '../../src/engine/context.ts';
import { type DefinitionStore, memoryDefinitions } from '../../src/engine/definitions.ts';
import { openKv } from '../../src/engine/disk-kv.ts';
import { type Journal, memoryJournal } from '../../src/engine/journal.ts';
import { type KvWriter, MemoryKv } from '../../src/engine/kv.ts';
import { createManager } from '../../src/engine/manager.ts';
import type { ActiveEntry, PersistentEntry } from '../../src/engine/records.ts';
import { Store } from '../../src/engine/store.ts';
import type { NodeDeviceManager } from '../../src/engine/node-device-manager.ts';
import type { Issue } from '../../src/errors.ts';
import { HostError } from '../../src/host/host.ts';
import type { SimulatedHost } from '../../src/host/simulated/host.ts';
import { createMemoryHost } from '../../src/host/simulated/memory.ts';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';

/** Counts down to the change that fails; infinity: none does. A deadly one fails all after it too: a kill. */
export class Fuse {
  left = Infinity;
  isDeadly = false;
  errno = 'EIO';
  burn(): void {
    this.left -= 1;
    if (this.left === 0 || (this.isDeadly && this.left < 0)) {
      throw new HostError(this.errno, '/sys/injected');
    }
  }
}

/** A store whose transactions can fail when everything in them is done, as on a full disk. */
class FailingKv<V> extends MemoryKv<V> {
  readonly #fuse: Fuse;
  constructor(fuse: Fuse) {
    super();
    this.#fuse = fuse;
  }
  override write<T>(change: (writer: KvWriter<V>) => T): T {
    return super.write((writer) => {
      const result = change(writer);
      this.#fuse.burn();
      return result;
    });
  }
}

/** What outlives a process of ours. */
export interface World {
  readonly host: SimulatedHost;
  readonly definitions: DefinitionStore;
  readonly journal: Journal;
  readonly active: MemoryKv<ActiveEntry>;
  readonly persistent: MemoryKv<PersistentEntry>;
}

export function newWorld(fuse: Fuse): World {
  return {
    host: createMemoryHost(readSampleProfile('nvidia-m60')),
    definitions: memoryDefinitions(),
    journal: memoryJournal(),
    active: new FailingKv(fuse),
    persistent: new FailingKv(fuse),
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
        fuse.burn();
        const result: unknown = Reflect.apply(value, target, args);
        if (typeof result !== 'function') return result;
        return (): unknown => {
          fuse.burn();
          return Reflect.apply(result, undefined, []);
        };
      };
    },
  });
}

/** A manager where each change of the host, a definition, the journal or the store burns the fuse. */
export function managerOf(
  fuse: Fuse,
  world: World,
  report: (issue: Issue) => void = () => undefined,
): NodeDeviceManager {
  const host = fused(world.host, fuse, ['create', 'remove', 'setAttribute']);
  const context: Context = {
    host,
    store: new Store({
      active: openKv(world.active),
      persistent: openKv(world.persistent),
      bootId: () => host.bootId(),
    }),
    definitions: fused(world.definitions, fuse, ['define', 'update', 'undefine']),
    journal: fused(world.journal, fuse, ['write', 'mark', 'remove']),
    newUuid: () => '00000000-0000-4000-8000-0000000000ff',
    sleep: () => undefined,
    report,
  };
  return createManager('test:///failing', context, undefined);
}

/** Everything of a host that an operation can change. */
export async function stateOf(manager: NodeDeviceManager): Promise<object> {
  const { items } = await manager.list({ state: 'all' });
  const mediated = items.filter((item) => item.uuid !== undefined);
  const documents = mediated.flatMap(({ name, active, persistent }) => [
    ...(active ? [manager.dumpxml(name)] : []),
    ...(persistent ? [manager.dumpxml(name, { inactive: true })] : []),
  ]);
  return {
    items,
    // A device that comes back has another IOMMU group: the kernel numbers them.
    documents: (await Promise.all(documents)).map((text) => text.replace(/<iommuGroup.*/, '')),
    groups: await manager.groups(),
    types: await manager.types(),
  };
}

const deviceXml = (digit: number, limit: number): string =>
  `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'>
    <type id='nvidia-18'/><uuid>00000000-0000-4000-8000-00000000000${digit}</uuid>
    <group>g</group><params>frame_rate_limiter=${limit}</params></capability></device>`;

/** A group of three. */
export const XML = `<devices>${[1, 2, 3].map((digit) => deviceXml(digit, digit)).join('')}</devices>`;

/** A change of that group, and what it starts from. */
export interface Operation {
  readonly name: string;
  readonly before: (manager: NodeDeviceManager) => Promise<unknown>;
  readonly run: (manager: NodeDeviceManager) => Promise<unknown>;
}

export const OPERATIONS: readonly Operation[] = [
  {
    name: 'create',
    before: async () => undefined,
    run: (manager) => manager.create(XML),
  },
  {
    name: 'define',
    before: async () => undefined,
    run: (manager) => manager.define(XML),
  },
  {
    name: 'destroy',
    before: (manager) => manager.create(XML),
    run: (manager) => manager.destroyGroup('g'),
  },
  {
    name: 'start',
    before: (manager) => manager.define(XML),
    run: (manager) => manager.startGroup('g'),
  },
  {
    name: 'undefine',
    before: (manager) => manager.define(XML),
    run: async (manager) =>
      manager.undefine((await manager.group('g')).members.map(({ name }) => name)),
  },
  {
    name: 'update',
    before: async (manager) => {
      await manager.define(XML);
      await manager.startGroup('g');
    },
    run: (manager) =>
      manager.update('00000000-0000-4000-8000-000000000003', deviceXml(3, 0), {
        live: true,
        config: true,
      }),
  },
];
