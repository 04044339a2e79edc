import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { KvSource } from '../../../src/engine/store/disk-kv.ts';
import { diskKv, openKv } from '../../../src/engine/store/disk-kv.ts';
import { MemoryKv } from '../../../src/engine/store/kv.ts';
import type {
  ActiveEntry,
  DeviceRecord,
  PersistentEntry,
} from '../../../src/engine/store/records.ts';
import { Store, type StoreChange } from '../../../src/engine/store/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-store-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const device = (uuid: string, group: string): DeviceRecord => ({
  kind: 'device',
  uuid,
  parent: 'mtty',
  type: 'mtty-1',
  group,
  attributes: [],
});

interface Sources {
  readonly active: KvSource<ActiveEntry>;
  readonly persistent: KvSource<PersistentEntry>;
}

const inMemory = (): Sources => ({
  active: openKv(new MemoryKv()),
  persistent: openKv(new MemoryKv()),
});

let folders = 0;
const onDisk = (): Sources => {
  const root = join(folder, `${folders++}`);
  mkdirSync(root);
  return {
    active: diskKv(root, 'run/active.mdb'),
    persistent: diskKv(root, 'lib/persistent.mdb'),
  };
};

const storeOf = (sources: Sources, boot = 'boot-1'): Store =>
  new Store({ ...sources, bootId: () => boot });

const SOURCES = [
  ['in memory', inMemory],
  ['on disk', onDisk],
] as const;

describe.each(SOURCES)('the store %s', (_, open) => {
  it('is empty before the first write', async () => {
    const store = storeOf(open());
    expect(await store.read((view) => [view.devices(), view.activeGroups()])).toEqual([[], []]);
    await store.close();
  });

  it('gives a new group the lowest number that is free, whatever came and went', async () => {
    const step = fc.record({ group: fc.integer({ min: 0, max: 9 }), write: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const store = storeOf(open());
        const expected = new Map<string, number>();
        let kept: readonly (readonly [group: string, number: number])[] = [];
        const flip = (change: StoreChange, name: string): void => {
          if (expected.delete(name)) {
            change.deleteDevice(`u-${name}`);
            return;
          }
          const taken = new Set(expected.values());
          let number = 1;
          while (taken.has(number)) number += 1;
          expected.set(name, number);
          change.addDevice(device(`u-${name}`, name));
        };
        // Several in one write as well as each in its own.
        let pending: string[] = [];
        for (const { group, write } of [...steps, { group: 0, write: true }]) {
          pending.push(`g${group}`);
          if (!write) continue;
          const names = pending;
          pending = [];
          await store.write((change) => {
            for (const name of names) flip(change, name);
          });
          const groups = await store.read((view) => view.activeGroups());
          kept = groups.map(({ name, number }) => [name, number]);
        }
        expect(kept).toEqual([...expected].toSorted(([one], [other]) => (one < other ? -1 : 1)));
        await store.close();
      }),
      { numRuns: 30 },
    );
  });

  it('tells what a change has replaced, and what a look at all sees, of what is not stored yet', async () => {
    const store = storeOf(open());
    await store.write((change) => {
      change.addDevice(device('u1', 'a'));
    });
    const [seen, replaced] = await store.write((change) => {
      change.addDevice(device('u2', 'a'));
      const members = change.activeGroups().map((group) => group.members);
      change.deleteDevice('u1');
      return [members, new Map(change.replaced())] as const;
    });
    expect(seen).toEqual([['u1', 'u2']]);
    expect([...replaced.keys()].toSorted()).toEqual(['device/u1', 'device/u2', 'group/a']);
    expect(replaced.get('group/a')).toMatchObject({ members: ['u1'] });
    await store.close();
  });

  it('makes groups with their first member and numbers them lowest first', async () => {
    const store = storeOf(open());
    await store.write((change) => {
      change.addDevice(device('u1', 'a'));
      change.addDevice(device('u2', 'b'));
      change.addDevice(device('u3', 'a'));
      change.addDevice(device('u4', 'c'));
      change.deleteDevice('u2');
      change.addDevice(device('u5', 'd'));
      change.deleteDevice('u1');
      change.setOwner('a', { name: 'vm1' });
    });
    expect(await store.read((view) => view.activeGroups())).toEqual([
      { kind: 'group', name: 'a', number: 1, members: ['u3'], owner: { name: 'vm1' } },
      { kind: 'group', name: 'c', number: 3, members: ['u4'] },
      { kind: 'group', name: 'd', number: 2, members: ['u5'] },
    ]);
    expect(await store.read((view) => view.device('u3'))).toEqual(device('u3', 'a'));
    await store.close();
  });

  it('does nothing once it is closed, nor what was asked of it just before', async () => {
    const store = storeOf(open());
    await store.write((change) => change.addDevice(device('u1', 'a')));
    let calls = 0;
    const count = (): void => {
      calls += 1;
    };
    const early = [store.read(count), store.write(count)];
    const closing = store.close();
    const late = [store.read(count), store.write(count)];
    const results = await Promise.allSettled([...early, ...late]);
    await closing;
    expect(results).toEqual(
      Array.from({ length: 4 }, () => ({
        status: 'rejected',
        reason: expect.objectContaining({ code: 'connection-closed' }),
      })),
    );
    expect(calls).toBe(0);
  });

  it('keeps nothing of a change that throws', async () => {
    const store = storeOf(open());
    await store.write((change) => {
      change.addDevice(device('u1', 'a'));
    });
    const failing = store.write((change) => {
      change.deleteDevice('u1');
      change.addDevice(device('u2', 'b'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await store.read((view) => view.devices())).toEqual([device('u1', 'a')]);
    await store.close();
  });

  it('keeps what belongs to definitions over a boot, owners until the group has none', async () => {
    const source = open();
    const ref = { parent: 'mtty', uuid: 'u1' };
    await storeOf(source).write((change) => {
      change.putDefinition({ kind: 'definition', ...ref, group: 'a', alias: 'first' });
      change.setOwner('a', { name: 'vm1' });
    });
    const after = storeOf(source, 'boot-2');
    await after.write((change) => {
      change.addDevice(device('u1', 'a'));
    });
    expect(await after.read((view) => view.activeGroup('a')?.owner)).toEqual({ name: 'vm1' });
    expect(await after.read((view) => view.definition(ref)?.alias)).toBe('first');
    await after.write((change) => {
      change.deleteDefinition(ref);
    });
    expect(await after.read((view) => view.persistentOwner('a'))).toBeUndefined();
    await after.close();
  });

  it('forgets active state at the next boot', async () => {
    const source = open();
    const before = storeOf(source);
    await before.write((change) => {
      change.addDevice(device('u1', 'a'));
    });
    const after = storeOf(source, 'boot-2');
    expect(await after.read((view) => view.devices())).toEqual([]);
    await after.write((change) => {
      change.addDevice(device('u2', 'b'));
    });
    expect(await after.read((view) => view.activeGroups())).toEqual([
      { kind: 'group', name: 'b', number: 1, members: ['u2'] },
    ]);
    await after.close();
  });
});

it('on disk is seen by others that have it open', async () => {
  const sourcesOf = (): Sources => ({
    active: diskKv(folder, 'shared/active.mdb'),
    persistent: diskKv(folder, 'shared/persistent.mdb'),
  });
  const writer = storeOf(sourcesOf());
  const reader = storeOf(sourcesOf());
  expect(await reader.read((view) => view.devices())).toEqual([]);
  await writer.write((change) => {
    change.addDevice(device('u1', 'a'));
  });
  expect(await reader.read((view) => view.devices())).toEqual([device('u1', 'a')]);
  await writer.close();
  await reader.close();
});
