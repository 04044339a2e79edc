import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openParts } from '../../../src/engine/open.ts';
import type { DeviceRecord } from '../../../src/engine/store/records.ts';
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

type Parts = ReturnType<typeof openParts>;

const inMemory = (): Parts => openParts(undefined);

const uuidOf = (digit: number): string => `00000000-0000-4000-8000-00000000000${digit}`;
const [U1, U2, U3, U4, U5] = [uuidOf(1), uuidOf(2), uuidOf(3), uuidOf(4), uuidOf(5)];

let folders = 0;
const onDisk = (): Parts => {
  const root = join(folder, `${folders++}`);
  mkdirSync(root);
  return openParts(root);
};

const storeOf = (sources: Parts, boot = 'boot-1'): Store =>
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

  it('notes a complete operation in the part that is written last, and writes no other for it', async () => {
    const parts = open();
    const written: string[] = [];
    for (const name of ['active', 'persistent'] as const) {
      const part: { prepare: (...args: never) => unknown } = parts[name];
      const prepare = part.prepare.bind(part);
      part.prepare = (...args) => {
        written.push(name);
        return prepare(...args);
      };
    }
    const store = storeOf(parts);
    await store.write((change) => {
      change.addDevice(device(U1, 'g'));
      change.settle('of the boot', true);
    });
    await store.write((change) => {
      change.addDevice(device(U2, 'g'));
      change.putDefinition({ kind: 'definition', parent: 'mtty', uuid: U2, group: 'g' });
      change.settle('of both', true);
    });
    await store.write((change) => {
      change.settle('of definitions', false);
    });
    expect(written).toEqual(['active', 'active', 'persistent', 'persistent']);
    const ids = ['of the boot', 'of both', 'of definitions', 'of nobody'];
    expect(await store.write((change) => ids.filter((id) => change.isSettled(id)))).toEqual([
      'of the boot',
      'of definitions',
    ]);
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
            change.deleteDevice(uuidOf(Number(name.slice(1))));
            return;
          }
          const taken = new Set(expected.values());
          let number = 1;
          while (taken.has(number)) number += 1;
          expected.set(name, number);
          change.addDevice(device(uuidOf(Number(name.slice(1))), name));
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

  it('sees in a change what it has written itself, of one device and of all', async () => {
    const store = storeOf(open());
    await store.write((change) => {
      change.addDevice(device(U1, 'a'));
    });
    const seen = await store.write((change) => {
      change.addDevice(device(U2, 'a'));
      const members = change.activeGroups().map((group) => group.members);
      change.deleteDevice(U1);
      return [members, change.devices().map(({ uuid }) => uuid), change.device(U1)];
    });
    expect(seen).toEqual([[[U1, U2]], [U2], undefined]);
    await store.close();
  });

  it('makes groups with their first member and numbers them lowest first', async () => {
    const store = storeOf(open());
    await store.write((change) => {
      change.addDevice(device(U1, 'a'));
      change.addDevice(device(U2, 'b'));
      change.addDevice(device(U3, 'a'));
      change.addDevice(device(U4, 'c'));
      change.deleteDevice(U2);
      change.addDevice(device(U5, 'd'));
      change.deleteDevice(U1);
      change.setOwner('a', { name: 'vm1' });
    });
    expect(await store.read((view) => view.activeGroups())).toEqual([
      { kind: 'group', name: 'a', number: 1, members: [U3], owner: { name: 'vm1' } },
      { kind: 'group', name: 'c', number: 3, members: [U4] },
      { kind: 'group', name: 'd', number: 2, members: [U5] },
    ]);
    expect(await store.read((view) => view.device(U3))).toEqual(device(U3, 'a'));
    await store.close();
  });

  it('does nothing once it is closed, nor what was asked of it just before', async () => {
    const store = storeOf(open());
    await store.write((change) => change.addDevice(device(U1, 'a')));
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
      change.addDevice(device(U1, 'a'));
    });
    const failing = store.write((change) => {
      change.deleteDevice(U1);
      change.addDevice(device(U2, 'b'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await store.read((view) => view.devices())).toEqual([device(U1, 'a')]);
    await store.close();
  });

  it('keeps what belongs to definitions over a boot, owners until the group has none', async () => {
    const source = open();
    const ref = { parent: 'mtty', uuid: U1 };
    await storeOf(source).write((change) => {
      change.putDefinition({ kind: 'definition', ...ref, group: 'a', alias: 'first' });
      change.setOwner('a', { name: 'vm1' });
    });
    const after = storeOf(source, 'boot-2');
    await after.write((change) => {
      change.addDevice(device(U1, 'a'));
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
      change.addDevice(device(U1, 'a'));
    });
    const after = storeOf(source, 'boot-2');
    expect(await after.read((view) => view.devices())).toEqual([]);
    await after.write((change) => {
      change.addDevice(device(U2, 'b'));
    });
    expect(await after.read((view) => view.activeGroups())).toEqual([
      { kind: 'group', name: 'b', number: 1, members: [U2] },
    ]);
    await after.close();
  });
});

it('on disk is seen by others that have it open', async () => {
  const sourcesOf = (): Parts => openParts(folder);
  const writer = storeOf(sourcesOf());
  const reader = storeOf(sourcesOf());
  expect(await reader.read((view) => view.devices())).toEqual([]);
  await writer.write((change) => {
    change.addDevice(device(U1, 'a'));
  });
  expect(await reader.read((view) => view.devices())).toEqual([device(U1, 'a')]);
  await writer.close();
  await reader.close();
});

it('a store keeps nothing of the changes that are over', async () => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  const store = storeOf(inMemory());
  const first = new WeakRef(await store.write(() => ({ result: 1 })));
  for (let time = 0; time < 3; time++) await store.write(() => ({ result: 2 }));
  await new Promise((resolve) => setImmediate(resolve));
  if (typeof collect === 'function') Reflect.apply(collect, undefined, []);
  expect(first.deref()).toBeUndefined();
});
