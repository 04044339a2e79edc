import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { HostEvent } from '../../../src/host/host.ts';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { SysfsHost } from '../../../src/host/sysfs/host.ts';
import { diskHost, temporaryFolder } from '../support/hosts.ts';

const uuidOf = (number: number): string => `00000000-1111-4222-8333-00000000000${number}`;
const create = (host: SimulatedHost, number: number): void => {
  const parent = host.parent('mdpy');
  if (parent === undefined) throw new Error('no mdpy');
  host.create(parent, 'mdpy-hd', uuidOf(number));
};
const remove = (host: SimulatedHost, number: number): void => {
  const device = host.find(uuidOf(number));
  if (device === undefined) throw new Error(`no device ${number}`);
  host.remove(device);
};

/** A tree that stands for a kernel's, and what a host of it, with this program for udevadm, tells. */
function watched(udevadm?: string, profile = 'kernel-samples') {
  const { host, dispose } = diskHost(profile);
  const heard: string[] = [];
  const stop = new AbortController();
  onTestFinished(() => {
    stop.abort();
    dispose();
  });
  const watch = new SysfsHost(host.root, { udevadm }).watch(
    ({ action, parent, uuid }: HostEvent) => heard.push(`${action} ${parent} ${uuid?.at(-1)}`),
    stop.signal,
  );
  const lines = async (count: number): Promise<readonly string[]> => {
    const deadline = Date.now() + 50_000;
    while (heard.length < count && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return heard;
  };
  return { host, watch, lines };
}

/** A program that says what `udevadm monitor` (systemd 252) said of a kernel, then does `rest`. */
function fakeUdevadm(records: readonly string[], rest: string): string {
  const { folder, dispose } = temporaryFolder();
  onTestFinished(dispose);
  const file = join(folder, 'udevadm');
  const heading = 'monitor will print the received events for:\nKERNEL - the kernel uevent\n\n';
  writeFileSync(file, `#!/bin/sh\ncat <<'END'\n${heading}${records.join('')}END\n${rest}\n`);
  chmodSync(file, 0o755);
  return file;
}

function record(action: string, number: number): string {
  const path = `/devices/virtual/mdpy/mdpy/${uuidOf(number)}`;
  return `KERNEL[12.345678] ${action.padEnd(8)} ${path} (mdev)\nACTION=${action}\nDEVPATH=${path}\nSUBSYSTEM=mdev\nSEQNUM=1234\n\n`;
}

it('looks at the bus below another root, and sees a device made anew in between', async () => {
  const { host, watch, lines } = watched();
  expect(watch.source).toBe('poll');
  await watch.ready;
  create(host, 1);
  expect(await lines(1)).toEqual(['add mdpy 1']);
  remove(host, 1);
  create(host, 2);
  create(host, 1);
  expect((await lines(4)).slice(1).toSorted()).toEqual([
    'add mdpy 1',
    'add mdpy 2',
    'remove mdpy 1',
  ]);
});

it('looks at functions with types, which no message tells of', async () => {
  const { host, watch, lines } = watched(undefined, 'nvidia-l40s');
  await watch.ready;
  const parent = host.parent('0000:42:00.4');
  if (parent === undefined) throw new Error('no function');
  host.create(parent, 'nvidia-1155', uuidOf(1));
  expect(await lines(1)).toEqual(['add 0000:42:00.4 1']);
  remove(host, 1);
  expect(await lines(2)).toEqual(['add 0000:42:00.4 1', 'remove 0000:42:00.4 1']);
});

it('hears what udevadm says, and looks for the rest', async () => {
  const uevents = ['add', 'bind', 'unbind', 'remove'].map((action) => record(action, 1));
  const refused = ['add', 'remove'].map((action) => record(action, 2));
  const { host, watch, lines } = watched(fakeUdevadm([...uevents, ...refused], 'exec sleep 60'));
  await watch.ready;
  expect(watch.source).toBe('udev');
  expect(await lines(2)).toEqual(['add mdpy 1', 'remove mdpy 1']);
  create(host, 3);
  expect((await lines(3)).slice(2)).toEqual(['add mdpy 3']);
});

it.each([
  ['is not there', () => '/nonexistent/udevadm'],
  ['ends at once, as in a chroot', () => '/bin/true'],
  ['ends later', () => fakeUdevadm([], 'exec sleep 0.1')],
])('looks at the bus when udevadm %s', async (_, programOf) => {
  const { host, watch, lines } = watched(programOf());
  create(host, 1);
  await watch.ready;
  expect(await lines(1)).toEqual(['add mdpy 1']);
  const deadline = Date.now() + 50_000;
  while (watch.source === 'udev' && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(watch.source).toBe('poll');
  remove(host, 1);
  expect(await lines(2)).toEqual(['add mdpy 1', 'remove mdpy 1']);
});
