import { describe, expect, it } from 'vitest';
import type { Context } from '../../src/engine/context.ts';
import { memoryDefinitions } from '../../src/engine/definitions.ts';
import { openKv } from '../../src/engine/disk-kv.ts';
import { type KvWriter, MemoryKv } from '../../src/engine/kv.ts';
import { createManager } from '../../src/engine/manager.ts';
import { Store } from '../../src/engine/store.ts';
import type { NodeDeviceManager } from '../../src/engine/node-device-manager.ts';
import { type Host, HostError } from '../../src/host/host.ts';
import { createMemoryHost } from '../../src/host/simulated/memory.ts';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';

const PROFILE = readSampleProfile('nvidia-m60');
const XML = `<devices>${[1, 2, 3]
  .map(
    (digit) => `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'>
      <type id='nvidia-18'/><uuid>00000000-0000-4000-8000-00000000000${digit}</uuid>
      <group>g</group><params>frame_rate_limiter=${digit}</params></capability></device>`,
  )
  .join('')}</devices>`;

const NAMES = [1, 2, 3].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`);
const updated = `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'>
  <type id='nvidia-18'/><params>frame_rate_limiter=0</params></capability></device>`;

/** Counts down to the change that fails; infinity: none does. */
class Fuse {
  left = Infinity;
  burn(): void {
    this.left -= 1;
    if (this.left === 0) throw new HostError('EIO', '/sys/injected');
  }
}

/** A store whose transactions can fail when everything in them is done, as on a full disk; empty ones cannot. */
class FailingKv<V> extends MemoryKv<V> {
  readonly #fuse: Fuse;
  constructor(fuse: Fuse) {
    super();
    this.#fuse = fuse;
  }
  override write<T>(change: (writer: KvWriter<V>) => T): T {
    return super.write((writer) => {
      let changes = 0;
      const result = change({
        ...writer,
        put: (key, value) => {
          changes += 1;
          writer.put(key, value);
        },
        delete: (key) => {
          changes += 1;
          writer.delete(key);
        },
      });
      if (changes > 0) this.#fuse.burn();
      return result;
    });
  }
}

/** The manager of a host in memory, where each change of host, definitions or store burns the fuse. */
function managerOf(fuse: Fuse): NodeDeviceManager {
  const changing = new Set(['create', 'remove', 'setAttribute', 'define', 'update', 'undefine']);
  const burning = <T extends object>(real: T): T =>
    new Proxy(real, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (changing.has(String(name))) fuse.burn();
          return Reflect.apply(value, target, args);
        };
      },
    });
  const context: Context = {
    host: burning<Host>(createMemoryHost(PROFILE)),
    store: new Store({
      active: openKv(new FailingKv(fuse)),
      persistent: openKv(new FailingKv(fuse)),
      bootId: () => 'boot',
    }),
    definitions: burning(memoryDefinitions()),
    newUuid: () => '00000000-0000-4000-8000-0000000000ff',
    sleep: () => undefined,
    report: () => undefined,
  };
  return createManager('test:///failing', context, undefined);
}

/** Everything of a host that an operation can change. */
const stateOf = async (manager: NodeDeviceManager): Promise<unknown> => [
  await manager.list({ state: 'all' }),
  await manager.groups(),
  await manager.types(),
  await Promise.all(NAMES.map((name) => manager.dumpxml(name, { inactive: true }).catch(String))),
  await Promise.all(NAMES.map((name) => manager.info(name).catch(String))),
];

interface Operation {
  readonly name: string;
  readonly before: (manager: NodeDeviceManager) => Promise<unknown>;
  /** Of the host, the definitions and the store, all together. */
  readonly changes: number;
  readonly run: (manager: NodeDeviceManager) => Promise<unknown>;
}

const OPERATIONS: readonly Operation[] = [
  {
    name: 'create',
    before: async () => undefined,
    changes: 7,
    run: (manager) => manager.create(XML),
  },
  {
    name: 'define',
    before: async () => undefined,
    changes: 5, // with the mark of the boot
    run: (manager) => manager.define(XML),
  },
  {
    name: 'destroy',
    before: (manager) => manager.create(XML),
    changes: 4,
    run: (manager) => manager.destroyGroup('g'),
  },
  {
    name: 'start',
    before: (manager) => manager.define(XML),
    changes: 7,
    run: (manager) => manager.startGroup('g'),
  },
  {
    name: 'undefine',
    before: (manager) => manager.define(XML),
    changes: 4,
    run: (manager) => manager.undefine(NAMES),
  },
  {
    name: 'autostart',
    before: (manager) => manager.define(XML),
    changes: 1,
    run: (manager) => manager.autostart(NAMES[0] ?? '', true),
  },
  {
    name: 'update',
    before: async (manager) => {
      await manager.define(XML);
      await manager.start(NAMES);
    },
    changes: 4,
    run: (manager) => manager.update(NAMES[0] ?? '', updated, { live: true, config: true }),
  },
];

describe.each(OPERATIONS)('$name', ({ before, changes, run }) => {
  it('leaves the host as it was, whichever step fails', async () => {
    let steps = 0;
    for (let failing = 1; ; failing++) {
      const fuse = new Fuse();
      const manager = managerOf(fuse);
      await before(manager);
      const state = await stateOf(manager);
      fuse.left = failing;
      const error: unknown = await run(manager).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      fuse.left = Infinity;
      if (error === undefined) break;
      steps += 1;
      expect(await stateOf(manager)).toEqual(state);
    }
    expect(steps).toBe(changes);
  });
});
