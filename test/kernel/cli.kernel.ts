import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startVm } from './support/vm.ts';

// The built command on a real kernel, from end to end. run.sh builds it.

const BIN = resolve('dist/cli/bin.js');
const BUS = '/sys/bus/mdev/devices';
const DEFINITIONS = '/etc/mdevctl.d';
const NOBODY = 65_534;

/** One device of each driver, all of the group `vm`. */
const MTTY = device('mtty', 'mtty-2', 'c0ffee00-0000-4000-8000-000000000001');
const MDPY = device('mdpy', 'mdpy-vga', 'c0ffee00-0000-4000-8000-000000000002');
const MBOCHS = device('mbochs', 'mbochs-small', 'c0ffee00-0000-4000-8000-000000000003');

let folder = '';

function device(parent: string, type: string, uuid: string) {
  const name = `mdev_${uuid.replaceAll('-', '_')}_${parent}`;
  const xml = `<device><parent>${parent}_${parent}</parent><capability type='mdev'>
<type id='${type}'/><uuid>${uuid}</uuid><group>vm</group></capability></device>`;
  return { parent, type, uuid, name, xml, file: `${uuid}.xml` };
}

function write({ file, xml }: ReturnType<typeof device>): string {
  writeFileSync(join(folder, file), xml);
  return file;
}

/** Runs the command as a user would, root unless another is given: exit code, standard output, standard error. */
function virtNodedev(line: string, user = 0): readonly [number | null, string, string] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...line.split(' ')], {
    cwd: folder,
    encoding: 'utf8',
    uid: user,
    gid: user,
  });
  return [status, stdout, stderr];
}

/** A command that did what it was to do, and what it said; an empty line ends it, as in virsh. */
const done = (...lines: readonly string[]) => [0, [...lines, '', ''].join('\n'), ''];

const createAll = () =>
  virtNodedev(`create ${[MTTY, MDPY, MBOCHS].map((each) => write(each)).join(' ')}`);

const active = (): readonly string[] => readdirSync(BUS).toSorted();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-kernel-'));
});

afterEach(() => {
  for (const uuid of active()) writeFileSync(`${BUS}/${uuid}/remove`, '1');
  rmSync(DEFINITIONS, { recursive: true, force: true });
  rmSync('/run/virt-nodedev', { recursive: true, force: true });
  rmSync('/var/lib/virt-nodedev', { recursive: true, force: true });
  rmSync(folder, { recursive: true });
});

it('creates a group from XML, shows it, and destroys it', () => {
  expect(createAll()).toEqual(
    done(
      `Node device ${MTTY.name} created from ${MTTY.file}`,
      `Node device ${MDPY.name} created from ${MDPY.file}`,
      `Node device ${MBOCHS.name} created from ${MBOCHS.file}`,
    ),
  );
  expect(active()).toEqual([MTTY.uuid, MDPY.uuid, MBOCHS.uuid]);
  const [code, listed, said] = virtNodedev('list');
  // The PCI devices are the virtual machine's own.
  const others = listed.replaceAll(/^pci_.*\n/gmu, '');
  expect([code, others, said]).toEqual(
    done('computer', 'mbochs_mbochs', MTTY.name, MDPY.name, MBOCHS.name, 'mdpy_mdpy', 'mtty_mtty'),
  );
  expect(virtNodedev(`info ${MDPY.uuid}`)).toEqual(
    done(
      `Name:           ${MDPY.name}`,
      'Parent:         mdpy_mdpy',
      `UUID:           ${MDPY.uuid}`,
      'Type:           mdpy-vga',
      'Group:          vm',
      'Device node:    /dev/vfio/1',
      'Active:         yes',
      'Persistent:     no',
      'Autostart:      no',
      'Created by:     virt-nodedev',
    ),
  );
  const [, group] = virtNodedev('group show vm --json');
  expect(JSON.parse(group)).toMatchObject({ name: 'vm', number: 1, open: false });
  expect(virtNodedev('destroy --group vm')).toEqual(
    done(
      `Destroyed node device '${MTTY.name}'`,
      `Destroyed node device '${MDPY.name}'`,
      `Destroyed node device '${MBOCHS.name}'`,
    ),
  );
  expect(active()).toEqual([]);
});

it('prints a device as XML, and as host device of a domain', () => {
  createAll();
  expect(virtNodedev(`dumpxml ${MTTY.name}`)).toEqual(
    done(`<device>
  <name>${MTTY.name}</name>
  <path>/sys/devices/virtual/mtty/mtty/${MTTY.uuid}</path>
  <parent>mtty_mtty</parent>
  <driver>
    <name>mtty</name>
  </driver>
  <capability type='mdev'>
    <type id='mtty-2'>
      <name>Dual port serial</name>
      <deviceAPI>vfio-pci</deviceAPI>
    </type>
    <uuid>${MTTY.uuid}</uuid>
    <parent_addr>mtty</parent_addr>
    <group>vm</group>
    <groupNumber>1</groupNumber>
    <iommuGroup number='0'/>
  </capability>
</device>`),
  );
  expect(virtNodedev(`hostdev ${MBOCHS.uuid} --display on`)).toEqual(
    done(`<hostdev mode='subsystem' type='mdev' model='vfio-pci' display='on'>
  <source>
    <address uuid='${MBOCHS.uuid}'/>
  </source>
</hostdev>`),
  );
});

it('creates all devices or none when the kernel refuses the last', () => {
  const files = [1, 2, 3, 4, 5].map((number) =>
    write(device('mdpy', 'mdpy-xga', `c0ffee00-0000-4000-8000-00000000000${number}`)),
  );
  const [code, , errors] = virtNodedev(`create ${files.join(' ')}`);
  expect(code).toBe(1);
  expect(errors).toContain('EUSERS');
  expect(active()).toEqual([]);
  expect(virtNodedev('group list --json')[1]).toContain('"groups": []');
});

it('refuses to destroy a device that a VM has open, and names the VM', async () => {
  createAll();
  const vm = await startVm('guest7', MDPY.uuid);
  try {
    expect(virtNodedev('destroy --group vm')).toEqual([
      1,
      '\n',
      `error: Failed to destroy group 'vm'
error: Unable to destroy '${MDPY.name}': device in use by domain 'guest7' (perl, pid ${vm.pid})
hint: stop what uses it first
`,
    ]);
    expect(active()).toEqual([MTTY.uuid, MDPY.uuid, MBOCHS.uuid]);
    expect(JSON.parse(virtNodedev('group show vm --json')[1])).toMatchObject({ open: true });
  } finally {
    await vm.stop();
  }
  expect(virtNodedev('destroy --group vm')[0]).toBe(0);
  expect(active()).toEqual([]);
});

it('waits for a VM to stop before it destroys its devices', async () => {
  createAll();
  const vm = await startVm('guest7', MDPY.uuid);
  const words = ['destroy', '--group', 'vm', '--wait'];
  try {
    const [code, , errors] = virtNodedev([...words, '1'].join(' '));
    expect(code).toBe(1);
    expect(errors).toContain(`domain 'guest7' (perl, pid ${vm.pid}), after waiting 1 s`);
    expect(active()).toEqual([MTTY.uuid, MDPY.uuid, MBOCHS.uuid]);
    const waiting = spawn(process.execPath, [BIN, ...words, '300'], { stdio: 'ignore' });
    await sleep(5000);
    expect(waiting.exitCode).toBe(null);
    const ended = once(waiting, 'exit');
    await vm.stop();
    expect(await ended).toEqual([0, null]);
  } finally {
    await vm.stop();
  }
  expect(active()).toEqual([]);
});

it('defines devices, starts them with their parent or by hand, and forgets them', () => {
  expect(virtNodedev(`define ${write(MTTY)} ${write(MDPY)}`)).toEqual(
    done(
      `Node device '${MTTY.name}' defined from '${MTTY.file}'`,
      `Node device '${MDPY.name}' defined from '${MDPY.file}'`,
    ),
  );
  expect(active()).toEqual([]);
  expect(virtNodedev('list --inactive')).toEqual(done(MTTY.name, MDPY.name));
  expect(virtNodedev(`autostart ${MTTY.uuid}`)).toEqual(
    done(`Device ${MTTY.name} marked as autostarted`),
  );
  const file = readFileSync(join(DEFINITIONS, 'mtty', MTTY.uuid), 'utf8');
  expect(JSON.parse(file)).toEqual({ mdev_type: 'mtty-2', start: 'auto', attrs: [] });

  for (const parent of ['mtty', 'mdpy', 'mbochs']) {
    expect(virtNodedev(`start-parent ${parent}`)[0]).toBe(0);
  }
  expect(active()).toEqual([MTTY.uuid]);
  expect(virtNodedev('start --group vm')).toEqual(done(`Device ${MDPY.name} started`));
  expect(active()).toEqual([MTTY.uuid, MDPY.uuid]);
  expect(virtNodedev('list --persistent --cap mdev')).toEqual(done(MTTY.name, MDPY.name));

  expect(virtNodedev('destroy --group vm')[0]).toBe(0);
  expect(virtNodedev(`undefine ${MTTY.uuid} ${MDPY.uuid}`)).toEqual(
    done(`Undefined node device '${MTTY.name}'`, `Undefined node device '${MDPY.name}'`),
  );
  expect(virtNodedev('list --all --cap mdev')).toEqual(done());
});

it('finds what is wrong with a host', () => {
  expect(virtNodedev('doctor')[0]).toBe(0);
  const broken = join(DEFINITIONS, 'mtty', MTTY.uuid);
  mkdirSync(join(DEFINITIONS, 'mtty'), { recursive: true });
  writeFileSync(broken, '{');
  const [code, findings] = virtNodedev('doctor');
  expect(code).toBe(1);
  expect(findings).toContain(`error: ${broken}`);
});

it('says that a kernel has no mediated devices', () => {
  execFileSync('rmmod', ['mtty', 'mdpy', 'mbochs', 'mdev']);
  try {
    const [code, findings] = virtNodedev('doctor');
    expect(code).toBe(1);
    expect(findings).toContain('no mediated device support: the mdev module is not loaded');
  } finally {
    execFileSync('modprobe', ['--all', 'mtty', 'mdpy', 'mbochs']);
  }
});

it('shows everything to an ordinary user, who changes nothing', () => {
  createAll();
  const asRoot = virtNodedev('list --json');
  expect(asRoot[0]).toBe(0);
  expect(virtNodedev('list --json', NOBODY)).toEqual(asRoot);
  expect(virtNodedev(`dumpxml ${MTTY.uuid}`, NOBODY)[1]).toContain(MTTY.name);
  expect(virtNodedev('types --json', NOBODY)).toEqual(virtNodedev('types --json'));
  expect(virtNodedev('group show vm', NOBODY)[1]).toContain('Open:           unknown: only root');
  const [code, , errors] = virtNodedev(`destroy ${MTTY.uuid}`, NOBODY);
  expect(code).toBe(1);
  expect(errors).toContain('cannot take the lock /run/virt-nodedev/lock: EACCES');
  expect(errors).toContain('hint: run as root');
  expect(active()).toEqual([MTTY.uuid, MDPY.uuid, MBOCHS.uuid]);
});
