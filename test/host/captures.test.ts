import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SysfsReader } from '../../src/host/sysfs/reader.ts';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';
import {
  type CapturedEntry,
  CAPTURED_DEVICES,
  CAPTURES,
  readCapture,
  treeOf,
} from './support/captures.ts';
import { diskHost, withKernel } from './support/hosts.ts';

/** An entry as far as a plain directory can show it: a device node is a file, what the kernel keeps secret is empty. */
function comparable({ path, kind, mode, target, content }: CapturedEntry): CapturedEntry {
  if (kind === 'absent') return { path, kind };
  if (kind === 'link') return { path, kind, target: target ?? '' };
  if (kind === 'dir') return { path, kind, mode: mode ?? '' };
  return { path, kind: 'file', mode: mode ?? '', content: content ?? '' };
}

function entryAt(root: string, path: string): CapturedEntry {
  const full = root + path;
  const status = lstatSync(full, { throwIfNoEntry: false });
  if (status === undefined) return { path, kind: 'absent' };
  if (status.isSymbolicLink()) return { path, kind: 'link', target: readlinkSync(full) };
  const mode = (status.mode & 0o7777).toString(8).padStart(4, '0');
  if (status.isDirectory()) return { path, kind: 'dir', mode };
  // Nobody but root reads a file of mode 0200; it is empty here as in the captures.
  const isReadable = (status.mode & 0o400) !== 0;
  return { path, kind: 'file', mode, content: isReadable ? readFileSync(full, 'utf8') : '' };
}

function everythingBelow(root: string, path: string): string[] {
  const isFolder = lstatSync(root + path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const names = isFolder ? readdirSync(root + path) : [];
  return [path, ...names.flatMap((name) => everythingBelow(root, `${path}/${name}`))];
}

function byPath(a: CapturedEntry, b: CapturedEntry): number {
  return a.path < b.path ? -1 : 1;
}

/** The topmost paths of a capture: what was walked to make it. */
function rootsOf(entries: readonly CapturedEntry[]): string[] {
  const paths = new Set(entries.map(({ path }) => path));
  return [...paths].filter((path) => !paths.has(path.slice(0, path.lastIndexOf('/'))));
}

describe('a simulated tree is the one Linux 6.1 shows', () => {
  const { host, dispose } = diskHost('kernel-samples');
  afterAll(dispose);

  /** The same part of both trees, sorted. */
  const bothTrees = (name: string): Record<'ours' | 'kernels', readonly CapturedEntry[]> => {
    const captured = readCapture('linux-6.1', name);
    const paths = rootsOf(captured).flatMap((root) => everythingBelow(host.root ?? '', root));
    const found = paths.map((path) => entryAt(host.root ?? '', path));
    return {
      ours: found.toSorted(byPath),
      kernels: captured.map(comparable).toSorted(byPath),
    };
  };

  it('without devices', () => {
    const empty = bothTrees('parents');
    expect(empty.ours).toEqual(empty.kernels);
  });

  it('with one device of each type, and after they are removed', () => {
    for (const { parent, type, uuid } of CAPTURED_DEVICES) {
      const place = host.parent(parent);
      expect(place).toBeDefined();
      if (place) host.create(place, type, uuid);
    }
    const full = bothTrees('one-of-each');
    expect(full.ours).toEqual(full.kernels);
    for (const device of host.devices().items) host.remove(device);
    const after = bothTrees('parents');
    expect(after.ours).toEqual(after.kernels);
  });
});

it('a simulated tree of Linux 6.12 is the one it shows with nodes of devices', () => {
  const { host, dispose } = diskHost(withKernel(readSampleProfile('kernel-samples'), '6.12'));
  for (const { parent, type, uuid } of CAPTURED_DEVICES) {
    const place = host.parent(parent);
    if (place) host.create(place, type, uuid);
  }
  // It was built without power management; `dev` numbers are dynamic.
  const isEqual = ({ path }: CapturedEntry): boolean =>
    !/\/power(?:\/|$)/.test(path) && !path.endsWith('/dev');
  const captured = readCapture('linux-6.12-cdev', 'one-of-each').filter(isEqual);
  const paths = rootsOf(captured).flatMap((root) => everythingBelow(host.root ?? '', root));
  const found = paths.map((path) => entryAt(host.root ?? '', path)).filter(isEqual);
  dispose();
  const dynamic = (entry: CapturedEntry): CapturedEntry =>
    entry.content === undefined
      ? entry
      : { ...entry, content: entry.content.replace(/^MAJOR=\d+/, 'MAJOR=N') };
  expect(found.map(dynamic).toSorted(byPath)).toEqual(
    captured.map(comparable).map(dynamic).toSorted(byPath),
  );
});

describe('uevents are those of Linux 6.1', () => {
  it('for the creation of each type and a removal', () => {
    const { host, dispose } = diskHost('kernel-samples');
    for (const { parent, type, uuid } of CAPTURED_DEVICES) {
      const place = host.parent(parent);
      if (place) host.create(place, type, uuid);
    }
    for (const { uuid } of CAPTURED_DEVICES.slice(0, 1)) {
      const device = host.find(uuid);
      if (device) host.remove(device);
    }
    const log = readFileSync(join(host.root ?? '', 'sim/uevents.log'), 'utf8');
    dispose();
    const captured = readFileSync(join(CAPTURES, 'linux-6.1/uevents.txt'), 'utf8');
    const ourLines = log
      .split('\n')
      .filter((line) => line !== '' && !/^(?:SEQNUM|TIME)=/.test(line));
    expect(`${ourLines.join('\n')}\n`).toBe(captured);
    const numbers = [...log.matchAll(/^SEQNUM=(\d+)$/gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });
});

describe.each(['linux-6.1', 'linux-6.12-cdev'])('reading the captures of %s', (kernel) => {
  const reader = (name: string) => new SysfsReader(treeOf(readCapture(kernel, name)));

  it('no mdev module, no parents', () => {
    expect(reader('before-modules').parents()).toEqual({ items: [], unreadable: [] });
    expect(reader('before-modules').devices()).toEqual({ items: [], unreadable: [] });
    expect(reader('mdev-only').parents()).toEqual({ items: [], unreadable: [] });
  });

  it('three parents with their types', () => {
    const host = reader('parents');
    const counts = host
      .parents()
      .items.map((parent) => [
        parent.address,
        host.types(parent).items.map(({ id, availableInstances }) => [id, availableInstances]),
      ]);
    expect(counts).toEqual([
      [
        'mbochs',
        [
          ['mbochs-large', 4],
          ['mbochs-medium', 16],
          ['mbochs-small', 64],
        ],
      ],
      [
        'mdpy',
        [
          ['mdpy-hd', 4],
          ['mdpy-vga', 4],
          ['mdpy-xga', 4],
        ],
      ],
      [
        'mtty',
        [
          ['mtty-1', 24],
          ['mtty-2', 12],
        ],
      ],
    ]);
  });

  it('eight devices with their details', () => {
    const host = reader('one-of-each');
    const { items, unreadable } = host.devices();
    expect(unreadable).toEqual([]);
    expect(items).toHaveLength(CAPTURED_DEVICES.length);
    for (const [index, { parent, type, uuid }] of CAPTURED_DEVICES.entries()) {
      const device = host.find(uuid);
      expect(device).toMatchObject({ ref: { parent, uuid }, type });
      const nodes = [`/dev/vfio/${index}`, `/dev/vfio/devices/vfio${index}`];
      expect(device && host.details(device)).toMatchObject({
        driver: parent,
        iommuGroup: index,
        deviceNodes: kernel === 'linux-6.12-cdev' ? nodes : nodes.slice(0, 1),
      });
    }
    expect(items.map((device) => host.details(device).attributes)).toEqual([
      ['vendor/memory'],
      ['vendor/memory'],
      ['vendor/memory'],
      ['vendor/resolution'],
      ['vendor/resolution'],
      ['vendor/resolution'],
      ['vendor/sample_mdev_dev'],
      ['vendor/sample_mdev_dev'],
    ]);
  });
});
