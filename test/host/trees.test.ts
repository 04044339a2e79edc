import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { DiskTree } from '../../src/host/disk-tree.ts';
import { HostError } from '../../src/host/host.ts';
import { SysfsReader } from '../../src/host/sysfs/reader.ts';
import { MemoryTree } from '../../src/host/memory-tree.ts';
import {
  directory,
  file,
  isFileName,
  link,
  relativeLink,
  resolveLink,
  type Tree,
} from '../../src/host/tree.ts';
import { temporaryFolder } from './support/hosts.ts';

function errnoOf(operation: () => unknown): string {
  try {
    operation();
  } catch (error) {
    return error instanceof HostError ? `${error.errno} ${error.path}` : String(error);
  }
  return 'no error';
}

const disposals: (() => void)[] = [];
afterEach(() => {
  for (const dispose of disposals.splice(0)) dispose();
});

function newFolder(): string {
  const { folder, dispose } = temporaryFolder();
  disposals.push(dispose);
  return folder;
}

describe.each<[string, () => Tree]>([
  ['on disk', () => new DiskTree(newFolder())],
  ['in memory', () => new MemoryTree()],
])('a tree %s', (_, make) => {
  it('plants branches whole and prunes them', () => {
    const tree = make();
    tree.ensureDirectory('/a/b');
    tree.plant('/a/b/c', directory([['d', directory([['e', file('text\n')]])]]));
    expect(tree.read('/a/b/c/d/e')).toBe('text\n');
    expect(tree.names('/a/b')).toEqual(['c']);
    expect(
      ['/a', '/a/b/c/d/e', '/nope', '/nope/x', '/a/b/c/d/e/f'].map((path) => tree.kind(path)),
    ).toEqual(['directory', 'file', undefined, undefined, undefined]);
    tree.plant('/a/b/c/new', link('d/e'));
    expect(tree.readLink('/a/b/c/new')).toBe('d/e');
    tree.prune('/a/b/c');
    expect(tree.kind('/a/b/c/d/e')).toBeUndefined();
    tree.plant('/a/b/c', file(''));
    expect(tree.kind('/a/b/c')).toBe('file');
  });

  it('prunes only empty directories when asked for those', () => {
    const tree = make();
    tree.ensureDirectory('/a/b');
    tree.plant('/a/file', file(''));
    for (const path of ['/a', '/a/b', '/a/file', '/a/nope']) tree.pruneEmpty(path);
    expect(tree.names('/a')).toEqual(['file']);
    tree.ensureDirectory('/a/b/c');
    expect(tree.kind('/a/b/c')).toBe('directory');
  });

  it('changes one of two trees that share a branch', () => {
    const tree = make();
    const shared = directory([['value', file('1', 0o644)]]);
    tree.plant('/one', shared);
    tree.plant('/two', shared);
    tree.write('/one/value', '2');
    tree.plant('/one/more', file(''));
    expect(tree.read('/two/value')).toBe('1');
    expect(tree.kind('/two/more')).toBeUndefined();
  });

  it('writes, replaces and appends, and keeps modes', () => {
    const tree = make();
    tree.plant('/file', file('long text', 0o644));
    tree.write('/file', 'short');
    expect(tree.read('/file')).toBe('short');
    tree.append('/file', 'er');
    expect(tree.read('/file')).toBe('shorter');
    tree.plant('/constant', file('1'));
    tree.replace('/constant', '2');
    expect(tree.read('/constant')).toBe('2');
    expect(errnoOf(() => tree.write('/constant', '3'))).toBe('EACCES /constant');
    expect(tree.names('/').toSorted()).toEqual(['constant', 'file']);
  });

  it('obeys permissions as sysfs does, for root too, and leaves a refused file as it was', () => {
    const tree = make();
    tree.plant('/secret', file('x', 0o200));
    tree.plant('/constant', file('x', 0o444));
    expect(errnoOf(() => tree.read('/secret'))).toBe('EACCES /secret');
    expect(errnoOf(() => tree.write('/constant', ''))).toBe('EACCES /constant');
    expect(tree.read('/constant')).toBe('x');
  });

  it('says what is wrong with the errno and the path below the root', () => {
    const tree = make();
    tree.plant('/dir', directory());
    tree.plant('/file', file(''));
    expect([
      errnoOf(() => tree.read('/nope')),
      errnoOf(() => tree.names('/nope')),
      errnoOf(() => tree.names('/file')),
      errnoOf(() => tree.readLink('/file')),
      errnoOf(() => tree.readLink('/nope')),
      errnoOf(() => tree.plant('/file', file(''))),
      errnoOf(() => tree.plant('/nope/file', file(''))),
      errnoOf(() => tree.write('/nope', '')),
      errnoOf(() => tree.write('/dir', '')),
      errnoOf(() => tree.replace('/nope', '')),
      errnoOf(() => tree.prune('/nope')),
      errnoOf(() => tree.probe('/nope')),
    ]).toEqual([
      'ENOENT /nope',
      'ENOENT /nope',
      'ENOTDIR /file',
      'EINVAL /file',
      'ENOENT /nope',
      'EEXIST /file',
      'ENOENT /nope/file',
      'ENOENT /nope',
      'EISDIR /dir',
      'ENOENT /nope',
      'ENOENT /nope',
      'ENOENT /nope',
    ]);
    expect(tree.kind('/nope')).toBeUndefined();
  });

  it('takes every name for a name', () => {
    const tree = make();
    for (const name of ['__proto__', 'constructor', 'a b', "it's", 'ü', '-rf', '%2e%2e']) {
      expect(tree.kind(`/${name}`)).toBeUndefined();
      tree.plant(`/${name}`, file(name));
      expect(tree.read(`/${name}`)).toBe(name);
    }
  });
});

describe('a tree on disk', () => {
  it('does not follow a link out of its root', () => {
    const outside = newFolder();
    mkdirSync(join(outside, 'folder'));
    writeFileSync(join(outside, 'folder/secret'), 'secret');
    const root = newFolder();
    symlinkSync(join(outside, 'folder/secret'), join(root, 'file'));
    symlinkSync(join(outside, 'folder'), join(root, 'folder'));
    const tree = new DiskTree(root);
    expect([
      errnoOf(() => tree.read('/file')),
      errnoOf(() => tree.read('/folder/secret')),
      errnoOf(() => tree.names('/folder')),
      errnoOf(() => tree.write('/file', 'x')),
      errnoOf(() => tree.write('/folder/secret', 'x')),
      errnoOf(() => tree.append('/folder/secret', 'x')),
      errnoOf(() => tree.replace('/folder/secret', 'x')),
      errnoOf(() => tree.plant('/folder/new', file(''))),
      errnoOf(() => tree.ensureDirectory('/folder/new')),
      errnoOf(() => tree.prune('/folder/secret')),
    ]).toEqual([
      'ELOOP /file',
      'ELOOP /folder/secret',
      'ELOOP /folder',
      'ELOOP /file',
      'ELOOP /folder/secret',
      'ELOOP /folder/secret',
      'ELOOP /folder/secret',
      'ELOOP /folder/new',
      'ELOOP /folder/new',
      'ELOOP /folder/secret',
    ]);
    tree.prune('/folder');
    expect(readFileSync(join(outside, 'folder/secret'), 'utf8')).toBe('secret');
  });

  it('does not follow a link that took the place of a directory it knew', () => {
    const outside = newFolder();
    mkdirSync(join(outside, 'below'));
    const root = newFolder();
    const tree = new DiskTree(root);
    tree.ensureDirectory('/pruned/below');
    tree.ensureDirectory('/empty');
    tree.plant('/pruned/below/file', file('ours'));
    tree.plant('/empty/file', file('ours'));
    tree.prune('/empty/file');
    tree.prune('/pruned');
    tree.pruneEmpty('/empty');
    for (const name of ['pruned', 'empty']) symlinkSync(outside, join(root, name));
    expect([
      errnoOf(() => tree.plant('/pruned/below/file', file(''))),
      errnoOf(() => tree.plant('/pruned/file', file(''))),
      errnoOf(() => tree.plant('/empty/file', file(''))),
    ]).toEqual(['ELOOP /pruned/below/file', 'ELOOP /pruned/file', 'ELOOP /empty/file']);
  });

  it('replaces a file whose replacement a killed process left half written', () => {
    const root = newFolder();
    const tree = new DiskTree(root);
    tree.plant('/count', file('1\n', 0o444));
    symlinkSync('count', join(root, '.count.next'));
    tree.replace('/count', '2\n');
    expect(tree.read('/count')).toBe('2\n');
    expect(tree.names('/')).toEqual(['count']);
  });

  it('works below a root that is reached through a link', () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'real'));
    symlinkSync('real', join(folder, 'alias'));
    const tree = new DiskTree(join(folder, 'alias'));
    tree.plant('/file', file('text'));
    expect(tree.read('/file')).toBe('text');
  });

  it('is refused where there is no directory', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file'), '');
    chmodSync(join(folder, 'file'), 0o600);
    expect(errnoOf(() => new DiskTree(join(folder, 'nope')))).toBe(`ENOENT ${folder}/nope`);
    expect(errnoOf(() => new DiskTree(join(folder, 'file')))).toBe(`ENOTDIR ${folder}/file`);
  });
});

describe('link texts', () => {
  it.each([
    [
      '/sys/bus/mdev/devices',
      '../../../devices/virtual/mtty/mtty',
      '/sys/devices/virtual/mtty/mtty',
    ],
    ['/sys', '/etc/passwd', '/etc/passwd'],
    ['/sys', '../../../../etc/passwd', '/etc/passwd'],
    ['/a/b', './c//d/../e', '/a/b/c/e'],
    ['/a', '..', '/'],
  ])('from %s, %s leads to %s', (from, text, goal) => {
    expect(resolveLink(from, text)).toBe(goal);
  });

  it('a relative link leads where it was made to lead', () => {
    const name = fc.stringMatching(/^[a-c]{1,2}$/);
    const path = fc
      .array(name, { minLength: 1, maxLength: 5 })
      .map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(path, path, (at, to) => {
        fc.pre(at !== to);
        const from = at.slice(0, at.lastIndexOf('/'));
        expect(resolveLink(from, relativeLink(at, to))).toBe(to);
      }),
    );
  });

  it.each(['', '.', '..', 'a/b', '/', 'a\0b'])('%j is no file name', (name) => {
    expect(isFileName(name)).toBe(false);
  });
});

describe('a tree on disk that somebody has planted things in', () => {
  it('waits for no FIFO, and reads nothing but files', () => {
    const folder = newFolder();
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    const tree = new DiskTree(folder);
    expect(errnoOf(() => tree.read('/fifo'))).toBe('EINVAL /fifo');
    expect(errnoOf(() => tree.write('/fifo', 'x'))).toBe('ENXIO /fifo');
    expect(errnoOf(() => tree.read('/'))).toBe('EISDIR /');
  });

  it('reads no file without end', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'large'), '');
    truncateSync(join(folder, 'large'), 2 ** 40);
    const tree = new DiskTree(folder);
    expect(errnoOf(() => tree.read('/large'))).toBe('EFBIG /large');
    writeFileSync(join(folder, 'small'), '12345');
    expect(tree.read('/small', 5)).toBe('12345');
    expect(errnoOf(() => tree.read('/small', 4))).toBe('EFBIG /small');
  });
});

it('a name that is not UTF-8 is reported, and does not stop the others', () => {
  const folder = newFolder();
  const devices = join(folder, 'sys/class/mdev_bus');
  mkdirSync(join(folder, 'sys/devices/good'), { recursive: true });
  mkdirSync(devices, { recursive: true });
  symlinkSync('../../devices/good', join(devices, 'good'));
  symlinkSync(
    '../../devices/good',
    Buffer.concat([Buffer.from(`${devices}/`), Buffer.from([0xff])]),
  );
  const { items, unreadable } = new SysfsReader(new DiskTree(folder)).parents();
  expect(items.map(({ address }) => address)).toEqual(['good']);
  expect(unreadable.map(({ errno, path }) => `${errno} ${path}`)).toEqual([
    'EILSEQ /sys/class/mdev_bus/\ufffd',
  ]);
});
