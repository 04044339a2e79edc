import { describe, expect, it } from 'vitest';
import type { HostEvent } from '../../../src/host/host.ts';
import { openSimulatedHost } from '../../../src/host/simulated/open.ts';
import { formatUevent } from '../../../src/host/simulated/uevents.ts';
import { DiskTree } from '../../../src/host/disk-tree.ts';
import { UeventLog } from '../../../src/host/simulated/uevent-sinks.ts';
import { parseUevent, type Uevent, UeventReader } from '../../../src/host/uevent.ts';
import { diskHost, memoryHost } from '../support/hosts.ts';

const uuidOf = (number: number): string =>
  `00000000-1111-4222-8333-${String(number).padStart(12, '0')}`;

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 50_000;
  while (!holds() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('followers of a simulated host', () => {
  it('of another process’s view hear everything once, in order', async () => {
    const { host, dispose } = diskHost('kernel-samples');
    const heard: HostEvent[] = [];
    const stop = new AbortController();
    openSimulatedHost(host.root ?? '').watch((event) => heard.push(event), stop.signal);
    const parent = host.parent('mtty');
    if (parent === undefined) throw new Error('no mtty');
    const expected: string[] = [];
    for (let number = 0; number < 60; number += 1) {
      host.create(parent, 'mtty-1', uuidOf(number));
      const device = host.find(uuidOf(number));
      if (device) host.remove(device);
      expected.push(`add ${uuidOf(number)}`, `remove ${uuidOf(number)}`);
      if (number % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await until(() => heard.length >= expected.length);
    stop.abort();
    expect(heard.map(({ action, uuid }) => `${action} ${uuid}`)).toEqual(expected);
    dispose();
  });

  it('hear nothing after they stopped, and nothing of what never came to be', async () => {
    const host = memoryHost('kernel-samples');
    const parent = host.parent('mtty');
    if (parent === undefined) throw new Error('no mtty');
    for (let number = 0; number < 24; number += 1) host.create(parent, 'mtty-1', uuidOf(number));
    const heard: HostEvent[] = [];
    const stop = new AbortController();
    host.watch((event) => heard.push(event), stop.signal);
    expect(() => host.create(parent, 'mtty-1', uuidOf(99))).toThrow(/^ENOSPC/);
    await Promise.resolve();
    expect(heard).toEqual([]);
    const device = host.find(uuidOf(0));
    stop.abort();
    if (device) host.remove(device);
    await Promise.resolve();
    expect(heard).toEqual([]);
  });

  it('may themselves change the host', async () => {
    const host = memoryHost('kernel-samples');
    const parent = host.parent('mtty');
    if (parent === undefined) throw new Error('no mtty');
    const stop = new AbortController();
    const heard: string[] = [];
    host.watch(({ action, uuid }) => {
      heard.push(`${action} ${uuid}`);
      const device = action === 'add' ? host.find(uuid ?? '') : undefined;
      if (device) host.remove(device);
    }, stop.signal);
    host.create(parent, 'mtty-1', uuidOf(1));
    await until(() => heard.length === 2);
    stop.abort();
    expect(heard).toEqual([`add ${uuidOf(1)}`, `remove ${uuidOf(1)}`]);
  });
});

describe('the log of uevents', () => {
  const uevent = (number: number): Uevent => ({
    action: 'bind',
    devpath: `/devices/virtual/mtty/mtty/${uuidOf(number)}`,
    subsystem: 'mdev',
    properties: [],
  });

  it('has a limit, and who follows it hears everything once, in order', async () => {
    const { host, dispose } = diskHost('kernel-samples');
    const tree = new DiskTree(host.root ?? '');
    const log = new UeventLog(tree, () => 7, 2000);
    const heard: string[] = [];
    const stop = new AbortController();
    const hear = (event: HostEvent): void => void heard.push(event.uuid ?? '');
    new UeventLog(tree, () => 7).follow(hear, stop.signal);
    const expected: string[] = [];
    for (let number = 0; number < 500; number += 1) {
      log.emit(() => [uevent(number)]);
      expected.push(uuidOf(number));
      expect(tree.tail('/sim/uevents.log', 0).size).toBeLessThan(2500);
      if (number % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(() => heard.length >= expected.length);
    stop.abort();
    expect(heard).toEqual(expected);
    dispose();
  });

  it('is empty after a reset, of which followers hear all', async () => {
    const { host, dispose } = diskHost('kernel-samples');
    const parent = host.parent('mtty');
    if (parent === undefined) throw new Error('no mtty');
    const heard: string[] = [];
    const stop = new AbortController();
    openSimulatedHost(host.root ?? '').watch(({ action }) => heard.push(action), stop.signal);
    host.create(parent, 'mtty-1', uuidOf(1));
    host.create(parent, 'mtty-1', uuidOf(2));
    host.reset();
    expect(new DiskTree(host.root ?? '').tail('/sim/uevents.log', 0).size).toBe(0);
    host.create(parent, 'mtty-1', uuidOf(3));
    await until(() => heard.length >= 5);
    stop.abort();
    expect(heard).toEqual(['add', 'add', 'remove', 'remove', 'add']);
    dispose();
  });
});

describe('uevents', () => {
  it('are read as they were written', () => {
    const uevent = {
      action: 'bind',
      devpath: `/devices/virtual/mtty/mtty/${uuidOf(1)}`,
      subsystem: 'mdev',
      properties: ['DRIVER=mtty'],
    };
    const text = formatUevent(uevent, 7, 1234);
    expect(text.endsWith('SEQNUM=7\nTIME=1234\n\n')).toBe(true);
    expect(parseUevent(text.trimEnd())).toMatchObject({
      action: 'bind',
      subsystem: 'mdev',
      time: 1234,
    });
    expect(parseUevent('nonsense')).toBeUndefined();
  });

  it('of a parent tell that its types have come or are going', () => {
    const reader = new UeventReader();
    const change = { action: 'change', devpath: '/devices/virtual/mtty/mtty', subsystem: 'mtty' };
    const stateOf = (state: string) =>
      reader.read({ ...change, properties: [`MDEV_STATE=${state}`] }, 5);
    expect(stateOf('registered')).toEqual({ action: 'add', parent: 'mtty', time: 5 });
    expect(stateOf('unregistered')).toEqual({ action: 'remove', parent: 'mtty', time: 5 });
    expect(reader.read({ ...change, properties: [] }, 5)).toBeUndefined();
  });
});
