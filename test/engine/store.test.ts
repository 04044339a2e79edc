import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { KvSource } from '../../src/engine/disk-kv.ts';
import { diskKv, openKv } from '../../src/engine/disk-kv.ts';
import { MemoryKv } from '../../src/engine/kv.ts';
import type { DeviceRecord, StoreEntry } from '../../src/engine/store.ts';
import { ActiveStore } from '../../src/engine/store.ts';

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

let files = 0;
const SOURCES: readonly (readonly [string, () => KvSource<StoreEntry>])[] = [
  ['in memory', () => openKv(new MemoryKv())],
  ['on disk', () => diskKv(join(folder, 'run', `${files++}.mdb`))],
];

describe.each(SOURCES)('the store %s', (_, open) => {
  it('is empty before the first write', async () => {
    const store = new ActiveStore(open(), () => 'boot-1');
    expect(await store.read((view) => [view.devices(), view.groups()])).toEqual([[], []]);
    await store.close();
  });

  it('makes groups with their first member and numbers them lowest first', async () => {
    const store = new ActiveStore(open(), () => 'boot-1');
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
    expect(await store.read((view) => view.groups())).toEqual([
      { kind: 'group', name: 'a', number: 1, members: ['u3'], owner: { name: 'vm1' } },
      { kind: 'group', name: 'c', number: 3, members: ['u4'] },
      { kind: 'group', name: 'd', number: 2, members: ['u5'] },
    ]);
    expect(await store.read((view) => view.device('u3'))).toEqual(device('u3', 'a'));
    await store.close();
  });

  it('keeps nothing of a change that throws', async () => {
    const store = new ActiveStore(open(), () => 'boot-1');
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

  it('forgets everything at the next boot', async () => {
    const source = open();
    const before = new ActiveStore(source, () => 'boot-1');
    await before.write((change) => {
      change.addDevice(device('u1', 'a'));
    });
    const after = new ActiveStore(source, () => 'boot-2');
    expect(await after.read((view) => view.devices())).toEqual([]);
    await after.write((change) => {
      change.addDevice(device('u2', 'b'));
    });
    expect(await after.read((view) => view.groups())).toEqual([
      { kind: 'group', name: 'b', number: 1, members: ['u2'] },
    ]);
    await after.close();
  });
});

it('on disk is seen by others that have it open', async () => {
  const file = join(folder, 'run', 'shared.mdb');
  const writer = new ActiveStore(diskKv(file), () => 'boot-1');
  const reader = new ActiveStore(diskKv(file), () => 'boot-1');
  expect(await reader.read((view) => view.devices())).toEqual([]);
  await writer.write((change) => {
    change.addDevice(device('u1', 'a'));
  });
  expect(await reader.read((view) => view.devices())).toEqual([device('u1', 'a')]);
  await writer.close();
  await reader.close();
});
