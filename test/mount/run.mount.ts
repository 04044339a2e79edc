import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND, ended, until, virtNodedev } from './mounted-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-run-'));
const root = join(folder, 'host');
const UUID = 'c0ffee00-1111-4222-8333-000000000001';
const document = join(folder, 'device.xml');
const CREATE = '/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create';
const inHost = (script: string) => virtNodedev('sim', 'run', root, '--', 'sh', '-c', script);

beforeAll(async () => {
  await virtNodedev('sim', 'init', root, '--profile', 'kernel-samples');
  writeFileSync(
    document,
    `<device><parent>mtty_mtty</parent><capability type='mdev'><type id='mtty-1'/><uuid>${UUID}</uuid></capability></device>`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a command on a simulated host', () => {
  it('has its devices, and the rest of the machine', async () => {
    const { stdout, code } = await inHost(
      `ls /sys/class/mdev_bus; ls /dev/vfio; ls -d /sys/fs /sys/module; pwd; cat; cat ${document} >/dev/null && echo readable`,
    );
    expect([stdout, code]).toEqual([
      `mbochs\nmdpy\nmtty\nvfio\n/sys/fs\n/sys/module\n${process.cwd()}\nreadable\n`,
      0,
    ]);
  });

  it('answers how it ended as JSON, beside all that it printed', async () => {
    const { stdout, stderr, code } = await virtNodedev(
      'sim',
      'run',
      root,
      '--json',
      '--',
      'sh',
      '-c',
      'echo said; exit 7',
    );
    expect([JSON.parse(stdout), stderr, code]).toEqual([
      { schema: 'sim-run/1', exitCode: 7, warnings: [] },
      'said\n',
      7,
    ]);
  });

  it('creates and removes, and the machine knows nothing of it', async () => {
    const before = existsSync('/sys/class/mdev_bus');
    const { stdout, stderr } = await inHost(
      `echo ${UUID} > ${CREATE}; perl -e 'open F, ">", "${CREATE}"; syswrite F, "${UUID}" or print STDERR $!'; ls /sys/bus/mdev/devices; ls /dev/vfio; echo 1 > /sys/bus/mdev/devices/${UUID}/remove; ls /sys/bus/mdev/devices`,
    );
    expect(stdout).toBe(`${UUID}\n0\nvfio\n`);
    expect(stderr).toContain('File exists');
    expect(existsSync('/sys/class/mdev_bus')).toBe(before);
  });

  it.each([
    ['exit 0', 0, null],
    ['exit 7', 7, null],
    ['kill -TERM $$', null, 'SIGTERM'],
    ['kill -9 $$', null, 'SIGKILL'],
    ['exec /nowhere/at-all', 127, null],
  ])('%s ends it so', async (script, code, signal) => {
    expect(await inHost(script)).toMatchObject({ code, signal });
  });

  it('gets the signals that are for it', async () => {
    const child = spawn(
      process.execPath,
      [...COMMAND.split(' ').slice(1), 'sim', 'run', root, '--'].concat(
        'sh',
        '-c',
        'trap "echo asked; exit 3" TERM; echo ready; while :; do sleep 0.1; done',
      ),
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    await until(() => said.includes('ready'));
    child.kill('SIGTERM');
    await until(() => child.exitCode !== null);
    expect([said, child.exitCode]).toEqual(['ready\nasked\n', 3]);
  });

  it('what it leaves running does not keep it', async () => {
    const { code } = await inHost('sleep 1000 >/dev/null 2>&1 & echo $! > /run/virt-nodedev/left');
    expect(code).toBe(0);
    await ended('sh', '-c', `kill $(cat ${root}/run/virt-nodedev/left)`);
  });

  it('may be virt-nodedev on this machine, with the records of the host', async () => {
    const ours = `${COMMAND} -q -c sysfs:///`;
    const { stdout, stderr } = await inHost(
      `${ours} define ${document}; ${ours} start ${UUID}; ${COMMAND} -c sim://${root} group list; ${ours} destroy ${UUID}; ${ours} undefine ${UUID}; ls /sys/bus/mdev/devices`,
    );
    expect(stderr).toBe('');
    expect(stdout).toContain(UUID);
    expect(stdout.split('\n').filter((line) => line === UUID)).toEqual([]);
    expect(existsSync(join('/etc/mdevctl.d/mtty', UUID))).toBe(false);
  });
});

it('an ordinary user is root of a namespace', async () => {
  const own = mkdtempSync(join(tmpdir(), 'virt-nodedev-user-'));
  chownSync(own, 65534, 65534);
  chmodSync(own, 0o755);
  const [before, script] = [
    readdirSync('/dev').length,
    `id -u; echo ${UUID} > ${CREATE}; ls /sys/bus/mdev/devices; ls -d /dev/vfio/0 /etc/mdevctl.d; echo > /dev/null; exit 5`,
  ];
  const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', 'env', `HOME=${own}`];
  const { stdout, stderr, code } = await ended(
    'setpriv',
    ...asNobody,
    'sh',
    '-c',
    `unshare -rm true || exit 99; ${COMMAND} -q sim init ${own}/host --profile kernel-samples && ${COMMAND} sim run ${own}/host -- sh -c '${script}'`,
  );
  rmSync(own, { recursive: true, force: true });
  if (code === 99) return; // this kernel lets no ordinary user have a namespace
  expect([stdout, stderr, code]).toEqual([`0\n${UUID}\n/dev/vfio/0\n/etc/mdevctl.d\n`, '', 5]);
  expect(readdirSync('/dev').length).toBe(before);
});
