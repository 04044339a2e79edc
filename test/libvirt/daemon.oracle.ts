import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatTree } from '../../src/cli/device-tree.ts';
import {
  type Connection,
  connect,
  mdevName,
  type ListedDevice,
  type NodeDevice,
  parseNodeDevice,
} from '../../src/index.ts';
import { run } from '../cli/run.ts';
import { diskHost } from '../host/support/hosts.ts';
import { debian, debianRoot } from './debian.ts';
import { fill, libvirtsProfiles } from './sample-hosts.ts';

const TIMEOUT = 120_000;
const MARK = '@@@';
const script = join(import.meta.dirname, 'libvirtd.sh');

/** What libvirt's node device driver answers to each of these commands of virsh about a simulated host. */
function libvirtSays(hostRoot: string, commands: readonly string[]): readonly string[] {
  const all = commands.flatMap((command) => [command, `echo ${MARK}`]).join('; ');
  const spaces = ['--mount', '--net', '--pid', '--fork', '--kill-child'];
  const options = ['--quiet', '--connect', 'nodedev:///system', all];
  const printed = execFileSync('unshare', [...spaces, script, debianRoot(), hostRoot, ...options], {
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, MERGED: '1' },
  });
  return printed.split(MARK).slice(0, -1);
}

/** A device with its types in the order of their ids: libvirt prints them as the folder has them. */
function inOrder(device: NodeDevice): NodeDevice {
  const sorted: NodeDevice = JSON.parse(JSON.stringify(device), (_key, value: unknown) =>
    isList(value) ? value.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1)) : value,
  );
  return sorted;
}

const isList = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => idOf(item) !== '');

const idOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
    ? value.id
    : '';

/** Of the kernel's sample drivers, libvirt knows the parent of one only; the devices of others are below the host itself. */
const UNKNOWN: ReadonlySet<string> = new Set(['mbochs_mbochs', 'mdpy_mdpy']);
const parentIn = (name: string | undefined): string | undefined =>
  name !== undefined && UNKNOWN.has(name) ? 'computer' : name;

/** A device as libvirt knows it: the attributes of an active one it has from a definition only. */
function known(device: NodeDevice, isActive: boolean): NodeDevice {
  return {
    ...device,
    parent: device.parent && { ...device.parent, name: parentIn(device.parent.name) },
    capabilities: device.capabilities.map((capability) =>
      capability.kind === 'mdev' && isActive ? { ...capability, attributes: [] } : capability,
    ),
  };
}

/** libvirt 9.0 shows no definitions of active devices. */
const isNew = debian('virsh', 'help', 'nodedev-dumpxml').includes('--inactive');

describe.runIf(isNew).each(libvirtsProfiles)('libvirtd on the simulated host %s', (profile) => {
  const { host, dispose } = diskHost(profile);
  let manager: Connection;
  let listed: readonly ListedDevice[] = [];
  let names: readonly string[] = [];
  let defined: readonly string[] = [];
  let said: readonly string[] = [];

  beforeAll(async () => {
    manager = await connect(`sim://${host.root}`);
    defined = await fill(manager);
    listed = (await manager.list()).items
      .filter(({ name }) => !UNKNOWN.has(name))
      .map((device) => ({ ...device, parent: parentIn(device.parent) }));
    names = listed.map(({ name }) => name);
    said = libvirtSays(host.root ?? '', [
      'nodedev-list',
      'nodedev-list --inactive',
      'nodedev-list --cap pci',
      'nodedev-list --tree',
      ...names.map((name) => `nodedev-info ${name}`),
      ...names.map((name) => `nodedev-dumpxml ${name}`),
      ...defined.map((name) => `nodedev-dumpxml --inactive ${name}`),
    ]);
  }, TIMEOUT);

  afterAll(async () => {
    await manager.close();
    dispose();
  });

  const lines = (text: string | undefined) => text?.split('\n').filter((line) => line !== '');

  it('has the devices that we list', async () => {
    const inactive = await manager.list({ state: 'inactive' });
    const pci = await manager.list({ capabilities: ['pci'] });
    expect(lines(said[0])).toEqual(names.toSorted());
    expect(lines(said[1])).toEqual(inactive.items.map(({ name }) => name).toSorted());
    expect(lines(said[2])).toEqual(pci.items.map(({ name }) => name).toSorted());
  });

  it('shows the tree that we show', () => {
    const sorted = listed.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    expect(said[3]?.trimEnd()).toBe(formatTree(sorted).trimEnd());
  });

  it('prints of each what we print', async () => {
    for (const [index, name] of names.entries()) {
      const ours = await manager.dumpxml(name, { dialect: 'libvirt' });
      const theirs = said[4 + names.length + index] ?? '';
      expect(inOrder(parseNodeDevice(theirs))).toEqual(inOrder(known(parseNodeDevice(ours), true)));
    }
    for (const [index, name] of defined.entries()) {
      const ours = await manager.dumpxml(name, { dialect: 'libvirt', inactive: true });
      const theirs = said[4 + 2 * names.length + index] ?? '';
      expect(inOrder(parseNodeDevice(theirs))).toEqual(
        inOrder(known(parseNodeDevice(ours), false)),
      );
    }
  });

  it('says of each what we say', async () => {
    for (const [index, name] of names.entries()) {
      const { parent, active, persistent, autostart } = await manager.info(name);
      const words = [
        name,
        parentIn(parent) ?? '',
        ...[active, persistent, autostart].map((is) => (is ? 'yes' : 'no')),
      ];
      expect(lines(said[4 + index])?.map((line) => line.slice(16))).toEqual(words);
    }
  });
});

describe.runIf(isNew)('a call that fails', () => {
  const { host, dispose } = diskHost('nvidia-m60');
  const xml = join(debianRoot(), 'tmp/virt-nodedev-calls');
  const uuid = (last: number) => `00000000-0000-4000-8000-00000000000${last}`;
  const nameOf = (last: number) => mdevName(uuid(last), '0000:86:00.0');
  const document = (last: number, type = 'nvidia-18', parent = 'pci_0000_86_00_0') =>
    `<device><name>n</name><parent>${parent}</parent><capability type='mdev'><type id='${type}'/><uuid>${uuid(last)}</uuid></capability></device>`;
  const [active, defined, bridge, gpu] = [
    nameOf(1),
    nameOf(2),
    'pci_0000_85_08_0',
    'pci_0000_86_00_0',
  ];
  const files = {
    'one.xml': document(1),
    'type.xml': document(1, 'nvidia-11'),
    'parent.xml': document(1, 'nvidia-18', 'pci_0000_87_00_0'),
    'no-parent.xml': document(3, 'nvidia-18', ''),
    'nowhere.xml': document(3, 'nvidia-18', 'pci_0000_99_00_0'),
    'two.xml': document(2),
  };
  // Updating what is not mediated is not asked for: libvirt 12.8 does not come back from it.
  const calls = [
    ...['destroy', 'undefine', 'start', 'autostart', 'info', 'dumpxml'].map(
      (call) => `nodedev-${call} nope`,
    ),
    ...[bridge, gpu, 'computer'].flatMap((name) => [
      `nodedev-destroy ${name}`,
      `nodedev-undefine ${name}`,
      `nodedev-start ${name}`,
      `nodedev-autostart ${name}`,
    ]),
    `nodedev-dumpxml ${bridge} --inactive`,
    `nodedev-dumpxml ${active} --inactive`,
    `nodedev-undefine ${active}`,
    `nodedev-autostart ${active}`,
    `nodedev-autostart ${active} --disable`,
    `nodedev-start ${active}`,
    `nodedev-destroy ${defined}`,
    `nodedev-update ${active} one.xml --config`,
    `nodedev-update ${active} type.xml --live`,
    `nodedev-update ${active} parent.xml --live`,
    `nodedev-update ${defined} two.xml --live`,
    'nodedev-update nope one.xml',
    'nodedev-define no-parent.xml',
    'nodedev-define nowhere.xml',
    'nodedev-create no-parent.xml',
    'nodedev-list --cap nope',
  ];
  const at = (call: string, folder: string) => call.replace(/\S+\.xml/, `${folder}/$&`);
  let said: readonly string[] = [];

  beforeAll(async () => {
    const manager = await connect(`sim://${host.root}`);
    await manager.create(files['one.xml']);
    await manager.define(files['two.xml']);
    await manager.close();
    mkdirSync(xml, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(xml, name), text);
    said = libvirtSays(
      host.root ?? '',
      calls.map((call) => at(call, '/tmp/virt-nodedev-calls')),
    );
  }, TIMEOUT);

  afterAll(dispose);

  const CLASS =
    /^(?:Node device not found|Operation not supported|Requested operation is not valid|unsupported configuration): /;

  /** The lines without the class of the error, the place in the document, and the folder. */
  const sentences = (text: string) =>
    [...text.matchAll(/^error: (.*)$/gm)].map(([, line = '']) =>
      line
        .replace(CLASS, '')
        .replace(/^\S+\.xml:\d+:\d+: /, '')
        .replaceAll(/\/\S*\/(?=[a-z-]+\.xml)/g, ''),
    );

  it.each(calls.map((call, index) => [call, index] as const))('%s', async (call, index) => {
    const { stderr } = await run(['-c', `sim://${host.root}`, ...at(call, xml).split(' ')], {
      connect,
    });
    const theirs = sentences(said[index] ?? '');
    expect(theirs.length).toBeGreaterThan(0);
    expect(sentences(stderr)).toEqual(theirs);
  });
});
