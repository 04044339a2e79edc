import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { constants as osConstants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errnoNumber } from '../../src/host/errno.ts';
import { connect } from '../../src/index.ts';
import { COMMAND, ended, mountedHost, virtNodedev } from './mounted-host.ts';

const uuid = (number: number): string =>
  `c0ffee00-1111-4222-8333-${number.toString(16).padStart(12, '0')}`;

/** What a call gives: its result, or the errno of the system call that failed. */
function outcome<T>(call: () => T): T | string {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof Error) || !('errno' in error && 'code' in error)) throw error;
    return error.code === 'UNKNOWN' ? `errno ${-Number(error.errno)}` : String(error.code);
  }
}

/** One write(2) with these flags of open(2). */
const put = (path: string, words: string | Buffer, flags: number = constants.O_WRONLY) =>
  outcome(() => {
    const descriptor = openSync(path, flags);
    try {
      return writeSync(descriptor, Buffer.from(words));
    } finally {
      closeSync(descriptor);
    }
  });

/** All below a folder: path, mode, the text of a file or link that can be read, and length. */
function treeOf(root: string, path = ''): (readonly [string, number, string, number])[] {
  return readdirSync(root + path).flatMap((name) => {
    const below = `${path}/${name}`;
    const status = lstatSync(root + below);
    const own = (text: string) => [below, status.mode, text, status.size] as const;
    if (status.isDirectory()) return [own(''), ...treeOf(root, below)];
    if (status.isSymbolicLink()) return [own(readlinkSync(root + below))];
    return [own((status.mode & 0o444) === 0 ? '' : readFileSync(root + below, 'latin1'))];
  });
}

describe('the sample drivers', () => {
  const host = mountedHost('kernel-samples');
  const at = (path: string) => join(host.sys, 'devices/virtual', path);
  const create = (parent: string, type: string) =>
    at(`${parent}/${parent}/mdev_supported_types/${type}/create`);
  const mtty = () => create('mtty', 'mtty-1');
  const device = (number: number) => join(host.sys, 'bus/mdev/devices', uuid(number));
  const remove = (number: number) => put(`${device(number)}/remove`, '1');

  /** After each test that may have made it. */
  const removeIfThere = (number: number): void => {
    if (existsSync(device(number))) put(`${device(number)}/remove`, '1');
  };

  it('the tree is the host’s, with the lengths that sysfs tells', () => {
    const shown = treeOf(host.sys);
    expect(shown.map(([path, mode, text]) => [path, mode, text])).toEqual(
      treeOf(join(host.root, 'sys')).map(([path, mode, text]) => [path, mode, text]),
    );
    expect(shown.length).toBeGreaterThan(150);
    expect(new Set(shown.map(([, mode, , size]) => `${mode >> 12} ${size}`))).toEqual(
      new Set(['4 0', '8 4096', '10 0']),
    );
  });

  it.each<readonly [string, string | Buffer, number | string]>([
    ['36 characters', uuid(1), 36],
    ['any byte after them', Buffer.from(`${uuid(1)}\n`), 37],
    ['a byte that is no text', Buffer.from([...Buffer.from(uuid(1)), 0xff]), 37],
    ['nothing', '', 0],
    ['a short one', uuid(1).slice(1), 'EINVAL'],
    ['a two-byte character after them', `${uuid(1)}é`, 'EINVAL'],
    ['more than a page', uuid(1).repeat(200), 'EINVAL'],
  ])('create, %s', (_, words, expected) => {
    expect(put(mtty(), words)).toBe(expected);
    expect(existsSync(device(1))).toBe(typeof expected === 'number' && expected > 0);
    removeIfThere(1);
  });

  it.each([
    ['O_TRUNC, as of >', constants.O_TRUNC | constants.O_CREAT],
    ['O_APPEND, as of >>', constants.O_APPEND],
    ['O_RDWR', constants.O_RDWR ^ constants.O_WRONLY],
  ])('create with %s', (_, flags) => {
    const expected = (flags & constants.O_RDWR) === 0 ? 36 : 'EACCES';
    expect(put(mtty(), uuid(1), constants.O_WRONLY ^ flags)).toBe(expected);
    removeIfThere(1);
  });

  it('refuses what exists, and what does not fit, each driver with its errno', () => {
    expect(put(mtty(), uuid(1))).toBe(36);
    expect(put(mtty(), uuid(1).toUpperCase())).toBe('EEXIST');
    expect(put(create('mdpy', 'mdpy-hd'), uuid(1))).toBe('EEXIST');
    for (let number = 2; number <= 24; number += 1) expect(put(mtty(), uuid(number))).toBe(36);
    expect(put(mtty(), uuid(25))).toBe('ENOSPC');
    const hd = create('mdpy', 'mdpy-hd');
    for (let number = 30; number <= 33; number += 1) expect(put(hd, uuid(number))).toBe(36);
    expect(put(hd, uuid(34))).toBe('errno 87'); // EUSERS
    for (let number = 1; number <= 24; number += 1) expect(remove(number)).toBe(1);
    for (let number = 30; number <= 33; number += 1) expect(remove(number)).toBe(1);
  });

  it('refuses what sysfs refuses', () => {
    const type = at('mtty/mtty/mdev_supported_types/mtty-1');
    const { O_CREAT, O_WRONLY } = constants;
    expect(
      [0, O_CREAT].map((flag) => put(create('mtty', 'nope'), uuid(1), O_WRONLY | flag)),
    ).toEqual(['ENOENT', 'ENOENT']);
    expect(put(`${type}/nope`, 'x', O_WRONLY | O_CREAT)).toBe('EACCES');
    expect(put(`${type}/nope`, 'x')).toBe('ENOENT');
    expect(put(`${type}/available_instances`, '5')).toBe('EACCES');
    expect(outcome(() => readFileSync(`${type}/create`))).toBe('EACCES');
    expect(
      [
        () => mkdirSync(`${type}/new`),
        () => rmdirSync(`${type}/devices`),
        () => unlinkSync(`${type}/create`),
        () => renameSync(`${type}/create`, `${type}/other`),
        () => symlinkSync('x', `${type}/link`),
      ].map(outcome),
    ).toEqual(['EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM']);
  });

  it('lets nobody write but root', async () => {
    const words = `echo ${uuid(1)} > ${mtty()}`;
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', 'sh', '-c', words];
    const { code, stderr } = await ended('setpriv', ...nobody);
    expect([code === 0, stderr]).toEqual([false, expect.stringContaining('Permission denied')]);
    expect(existsSync(device(1))).toBe(false);
  });

  it.each([
    ['1\n', 2, false],
    ['0x1', 3, false],
    ['0', 1, true],
    ['', 0, true],
    ['yes', 'EINVAL', true],
    ['\n', 'EINVAL', true],
    ['18446744073709551616', 'EINVAL', true],
  ])('remove with %j', (words, expected, stays) => {
    expect(put(mtty(), uuid(1))).toBe(36);
    expect(put(`${device(1)}/remove`, words)).toBe(expected);
    expect(existsSync(device(1))).toBe(stays);
    removeIfThere(1);
  });

  it('a second removal finds nothing, and what was opened before is no device any more', () => {
    expect(put(mtty(), uuid(1))).toBe(36);
    const path = `${device(1)}/remove`;
    const [before, attribute] = [
      openSync(path, 'w'),
      openSync(`${device(1)}/vendor/sample_mdev_dev`, 'r'),
    ];
    expect(remove(1)).toBe(1);
    expect(put(path, '1')).toBe('ENOENT');
    expect(outcome(() => writeSync(before, '1'))).toBe('ENODEV');
    expect(put(mtty(), uuid(1))).toBe(36);
    expect(outcome(() => writeSync(before, '1'))).toBe('ENODEV');
    expect(outcome(() => readSync(attribute, Buffer.alloc(9)))).toBe('ENODEV');
    closeSync(before);
    closeSync(attribute);
    expect(remove(1)).toBe(1);
  });

  it('each sees at once what the other has changed', async () => {
    const document = join(host.folder, 'device.xml');
    writeFileSync(
      document,
      `<device><parent>mtty_mtty</parent><capability type='mdev'><type id='mtty-1'/><uuid>${uuid(1)}</uuid></capability></device>`,
    );
    const count = () =>
      readFileSync(at('mtty/mtty/mdev_supported_types/mtty-1/available_instances'), 'utf8');
    expect(count()).toBe('24\n');
    await virtNodedev('-c', host.uri, 'create', document);
    expect([existsSync(device(1)), count()]).toEqual([true, '23\n']);
    expect(remove(1)).toBe(1);
    expect((await virtNodedev('-c', host.uri, '-q', 'list', '--cap', 'mdev')).stdout).toBe('');
  });

  it('20 writers at once: each of its own device, and one of the same', async () => {
    const all = (words: (number: number) => string) =>
      Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          ended('sh', '-c', `echo ${words(index)} > ${mtty()}`).then(({ code }) => code === 0),
        ),
      );
    expect(await all((index) => uuid(100 + index))).toEqual(Array.from({ length: 20 }, () => true));
    expect(readdirSync(join(host.sys, 'bus/mdev/devices')).length).toBe(20);
    for (let index = 0; index < 20; index += 1) expect(remove(100 + index)).toBe(1);
    const same = await all(() => uuid(1));
    expect(same.filter(Boolean).length).toBe(1);
    expect(remove(1)).toBe(1);
  });

  it('who opens a device’s file holds it, until it closes it', async () => {
    expect(put(mtty(), uuid(40))).toBe(36);
    const group = readdirSync(host.vfio).find((name) => name !== 'vfio') ?? '';
    const file = join(host.vfio, group);
    const descriptor = openSync(file, 'r+');
    expect(outcome(() => openSync(file, 'r+'))).toBe('EBUSY');
    expect(outcome(() => openSync(file, 'r'))).toBe('EBUSY');
    expect(remove(40)).toBe('EBUSY');
    const { stdout } = await virtNodedev('-c', host.uri, 'doctor');
    expect(stdout).toContain(`pid ${process.pid}`);
    const asked = await ended('blockdev', '--getro', join(host.vfio, 'vfio'));
    expect(asked.stderr).toContain('Inappropriate ioctl for device');
    closeSync(descriptor);
    expect(remove(40)).toBe(1);
    expect(readdirSync(host.vfio)).toEqual(['vfio']);
  });

  it('who only looks whether it is in use does not hold it', () => {
    expect(put(mtty(), uuid(1))).toBe(36);
    const group = readdirSync(host.vfio).find((name) => name !== 'vfio') ?? '';
    const descriptor = openSync(join(host.vfio, group), 'r');
    expect(remove(1)).toBe(1);
    closeSync(descriptor);
  });

  it('a holder that is killed holds nothing', async () => {
    expect(put(mtty(), uuid(1))).toBe(36);
    const group = readdirSync(host.vfio).find((name) => name !== 'vfio') ?? '';
    const holder = `exec 3<>${join(host.vfio, group)}; ${COMMAND} -c ${host.uri} destroy --adopt ${uuid(1)}; kill -9 $$`;
    const { stderr, signal } = await ended('sh', '-c', holder);
    expect([stderr, signal]).toEqual([expect.stringContaining('in use'), 'SIGKILL']);
    expect(remove(1)).toBe(1);
  });

  /** Those that Node names, and those of drivers that it does not. */
  const errnos = [...Object.keys(osConstants.errno), 'EUSERS', 'EREMOTEIO', 'ENOMEDIUM', 'E133'];

  it('every errno of the kernel comes out of write(2)', async () => {
    const connection = await connect(host.uri);
    const wrong: string[] = [];
    for (const name of new Set(errnos)) {
      await connection.failCall('create', name);
      const { stdout } = await ended(
        'perl',
        '-e',
        'open F, ">", $ARGV[0]; syswrite F, $ARGV[1]; print $! + 0',
        mtty(),
        uuid(1),
      );
      if (Number(stdout) !== errnoNumber(name)) wrong.push(`${name}: ${stdout}`);
    }
    await connection.failCall('create', 'EIO', { times: 0 });
    await connection.close();
    expect(wrong).toEqual([]);
    expect(errnos.length).toBeGreaterThan(80);
    expect(existsSync(device(1))).toBe(false);
  });

  /** By hand more: each turn is ten operations. */
  const TURNS = Number(process.env['TURNS'] ?? 100);

  it('keeps nothing of what it has done', () => {
    const status = () => readFileSync(`/proc/${host.pid}/status`, 'utf8');
    const memory = () => Number(/^VmRSS:\s*(\d+)/m.exec(status())?.[1]);
    const descriptors = () => readdirSync(`/proc/${host.pid}/fd`).length;
    const work = (times: number) => {
      for (let time = 0; time < times; time += 1) {
        expect(put(mtty(), uuid(1))).toBe(36);
        expect(put(mtty(), 'x')).toBe('EINVAL');
        readFileSync(`${device(1)}/vendor/sample_mdev_dev`);
        readFileSync(mtty().replace('create', 'available_instances'));
        readdirSync(device(1));
        readdirSync(join(host.sys, 'bus/mdev/devices'));
        readlinkSync(`${device(1)}/mdev_type`);
        lstatSync(device(1));
        expect(outcome(() => readFileSync(`${device(2)}/uevent`))).toBe('ENOENT');
        expect(remove(1)).toBe(1);
      }
    };
    const files = () => execFileSync('find', [host.root], { encoding: 'utf8' }).split('\n').length;
    work(20);
    const before = [memory(), descriptors(), files()] as const;
    const start = performance.now();
    work(TURNS);
    const seconds = (performance.now() - start) / 1000;
    const after = [memory(), descriptors(), files()] as const;
    if (TURNS > 100)
      process.stdout.write(
        `${TURNS * 10} operations, ${seconds} s: ${before.join()} -> ${after.join()}\n`,
      );
    expect(after[0] - before[0]).toBeLessThan(30_000); // kB
    expect(after[1]).toBeLessThanOrEqual(before[1]);
    expect(after[2]).toBe(before[2]);
  }, 7_200_000);
});

describe('a GPU', () => {
  const host = mountedHost('nvidia-m60');

  it('takes a page of an attribute at once, and says so', async () => {
    const bus = join(host.sys, 'class/mdev_bus/0000:86:00.0');
    expect(put(`${bus}/mdev_supported_types/nvidia-18/create`, uuid(1))).toBe(36);
    const attribute = join(host.sys, 'bus/mdev/devices', uuid(1), 'nvidia/vgpu_params');
    // Node goes on with the rest by itself.
    const once = 'open F, ">", $ARGV[0]; print syswrite F, "x" x 10000';
    expect((await ended('perl', '-e', once, attribute)).stdout).toBe('4096');
    expect(readFileSync(attribute, 'utf8')).toBe(`${'x'.repeat(4096)}\n`);
  });
});
