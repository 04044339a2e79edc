import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { parseProfile } from '../../src/host/simulated/parse-profile.ts';
import { openSimulatedHost } from '../../src/host/simulated/open.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { run, type RunResult } from './run.ts';

// Every command that reports, on a host with mediated devices, on one whose functions take types, and on one with both.

/** A device that the host is to have, and how a VM is given it. */
interface Made {
  readonly parent: string;
  readonly type: string;
  readonly hostdev: string;
}

const MEDIATED: Made = {
  parent: 'pci_0000_41_00_4',
  type: 'nvidia-558',
  hostdev: "<hostdev mode='subsystem' type='mdev' model='vfio-pci'>",
};
const FUNCTION: Made = {
  parent: 'pci_0000_42_00_4',
  type: 'nvidia-1155',
  hostdev: "<hostdev mode='subsystem' type='pci' managed='no'>",
};
const SAMPLE: Made = { ...MEDIATED, parent: 'mtty_mtty', type: 'mtty-1' };

const HOSTS: readonly (readonly [string, readonly [Made, ...Made[]]])[] = [
  ['nvidia-a40', [MEDIATED, { ...MEDIATED, parent: 'pci_0000_41_00_5' }]],
  ['nvidia-l40s', [FUNCTION, { ...FUNCTION, parent: 'pci_0000_42_00_5' }]],
  ['mixed-frameworks', [FUNCTION, SAMPLE]],
];

const uuidOf = (index: number): string => `0695d332-7831-493f-9e71-1c85c8911a0${index}`;

describe.each(HOSTS)('on %s', (profile, devices) => {
  let folder = '';
  const known = devices.map((device, index) => ({
    ...device,
    file: `device-${index}.xml`,
    uuid: uuidOf(index),
    name: `mdev_${uuidOf(index).replaceAll('-', '_')}_${device.parent.replace(/^(?:pci|mtty)_/u, '')}`,
  }));
  const [one] = known;
  if (one === undefined) throw new Error('a host without devices');
  const files = known.map(({ file }) => file);
  const names = known.map(({ name }) => name).join(' ');

  const command = (line: string): Promise<RunResult> =>
    run(line.split(' '), {
      connect,
      env: { VIRT_NODEDEV_URI: `sim://${folder}/host` },
      cwd: folder,
    });
  /** Runs it, and gives what it printed. */
  const ok = async (line: string, expected = 0): Promise<string> => {
    const { code, stdout, stderr } = await command(line);
    expect(`${line}: ${code} ${code === expected ? '' : stderr}`).toBe(`${line}: ${expected} `);
    return stdout;
  };
  /** What the output should say of a device, and does not. */
  const missing = (
    text: string,
    of: (device: (typeof known)[number]) => string,
  ): readonly string[] => known.map(of).filter((part) => !text.includes(part));

  beforeEach(async () => {
    folder = temporaryFolder({ inMemory: true });
    makeSimulatedHost(join(folder, 'host'), profile);
    for (const { file, parent, type, uuid } of known) {
      const xml = `<device><parent>${parent}</parent><capability type='mdev'><type id='${type}'/><uuid>${uuid}</uuid><group>work</group></capability></device>`;
      writeFileSync(join(folder, file), xml);
    }
    const bare = `<domain type='kvm'>\n  <name>vm</name>\n  <memory>1</memory>\n  <os><type arch='x86_64' machine='q35'>hvm</type></os>\n  <devices>\n  </devices>\n</domain>\n`;
    writeFileSync(join(folder, 'vm.xml'), bare);
    await ok(`create ${files.join(' ')}`);
  });

  it('list, group and topology, in all forms', async () => {
    for (const line of ['list --cap mdev', 'list --tree', 'list --json', 'group show work']) {
      expect(missing(await ok(line), ({ name }) => name)).toEqual([]);
    }
    for (const line of [
      'group show work --json',
      'group list --json',
      'topology',
      'topology --json',
    ]) {
      expect(missing(await ok(line), ({ uuid }) => uuid)).toEqual([]);
    }
    for (const format of ['dot', 'svg', 'html']) {
      expect(missing(await ok(`topology --format ${format}`), ({ type }) => type)).toEqual([]);
    }
  });

  it('info and dumpxml, in all dialects', async () => {
    for (const { name, parent, type, uuid } of known) {
      expect(await ok(`info ${uuid}`)).toContain(`Parent:         ${parent}`);
      expect(JSON.parse(await ok(`info ${name} --json`))).toMatchObject({ uuid, active: true });
      for (const dialect of ['extended', 'thread']) {
        const dump = await ok(`dumpxml ${name} --dialect ${dialect}`);
        expect(dump).toContain(`<type id='${type}'`);
        expect(dump).toContain(uuid);
      }
      // libvirt knows a function, and nothing of its type.
      const libvirts = await ok(`dumpxml ${name} --dialect libvirt`);
      const isFunction = type === FUNCTION.type;
      expect(libvirts.includes(`<type id='${type}'`)).toBe(!isFunction);
      const ofParent = await ok(`dumpxml ${parent} --dialect libvirt`);
      expect(libvirts === ofParent).toBe(isFunction);
      expect(await ok(`dumpxml ${parent}`)).toContain(`<type id='${type}'>`);
    }
  });

  it('types, explain, predict and place', async () => {
    for (const { parent, type } of known) {
      expect(await ok(`types ${parent}`)).toContain(type);
      expect(await ok('types')).toContain(type);
      expect(await ok(`types --json`)).toContain(`"parent": "${parent}"`);
      expect(await ok(`explain ${type} ${parent}`)).toContain(`${type} (`);
      expect(await ok(`explain ${type} --json`)).toContain(`"parent": "${parent}"`);
    }
    const { items } = await (await connect(`sim://${folder}/host`)).types();
    const free = items.find(({ availableInstances }) => availableInstances > 0);
    // The L40S is full.
    expect(free === undefined).toBe(profile === 'nvidia-l40s');
    if (free === undefined) return;
    await ok(`predict ${free.id}@${free.parent}`);
    await ok(`place ${free.id}`);
  });

  it('hostdev, as XML, JSON and for QEMU', async () => {
    expect(missing(await ok(`hostdev --group work`), ({ hostdev }) => hostdev)).toEqual([]);
    expect(missing(await ok(`hostdev --group work --json`), ({ uuid }) => uuid)).toEqual([]);
    const qemu = await ok(`hostdev --group work --qemu --plain`);
    const argument = ({ type, uuid, parent }: (typeof known)[number]): string =>
      type === FUNCTION.type
        ? `host=${parent.replace(/^pci_(\w{4})_(\w\w)_(\w\w)_/u, '$1:$2:$3.')}`
        : `sysfsdev=/sys/bus/mdev/devices/${uuid}`;
    expect(missing(qemu, argument)).toEqual([]);
  });

  it('a VM: hostdev --into --claim, validate, plan, diff, assert, sim start and stop, gc', async () => {
    await ok(`hostdev --group work --into vm.xml --claim`);
    expect(missing(readFileSync(join(folder, 'vm.xml'), 'utf8'), ({ hostdev }) => hostdev)).toEqual(
      [],
    );
    expect(await ok('group list')).toMatch(/work +2 +vm/u);
    await ok(`validate -c sim://${folder}/host vm.xml ${files.join(' ')}`);
    const state = `vm.xml ${files.join(' ')}`;
    expect(await ok(`diff ${state}`)).toContain('as desired');
    await ok(`assert ${state}`);
    expect(JSON.parse(await ok(`plan ${state} --json`))).toMatchObject({ actions: [] });
    expect(await ok('gc --older-than 0')).not.toContain('work');
    await ok('sim start vm.xml');
    expect(await ok('group list')).toMatch(/work +2 +vm +yes/u);
    expect(JSON.parse(await ok('group show work --json'))).toMatchObject({ open: true });
    for (const { name } of known) await ok(`destroy ${name}`, 1);
    expect(missing(await ok('topology'), ({ uuid }) => uuid)).toEqual([]);
    await ok('sim stop vm');
    await ok('assert vm.xml');
    // Taken out again, they are nobody's.
    await ok(`hostdev ${names} --into vm.xml --remove --claim`);
    expect(readFileSync(join(folder, 'vm.xml'), 'utf8')).not.toContain('<hostdev');
    expect(await ok('group list')).toMatch(/work +2 +-/u);
  });

  it('a domain whose devices are gone: validate, --remove, and the hook', async () => {
    const full = `<domain type='kvm'><name>vm</name><memory>1</memory><os><type arch='x86_64' machine='q35'>hvm</type></os><devices>${await ok(`hostdev --group work`)}</devices></domain>`;
    writeFileSync(join(folder, 'gone.xml'), full);
    await ok(`destroy ${names}`);
    const stdout = await ok(`validate -c sim://${folder}/host gone.xml --format json`, 3);
    expect(stdout.match(/mdev-not-active/gu)).toHaveLength(known.length);
    await ok(`hostdev ${names} --into gone.xml --remove`);
    expect(readFileSync(join(folder, 'gone.xml'), 'utf8')).not.toContain('<hostdev');
  });

  it('definitions over a reboot: define, autostart, start-parent, diff, the hook, undefine', async () => {
    await ok(`define ${files.join(' ')}`);
    for (const { uuid } of known) await ok(`autostart ${uuid}`);
    await ok('sim reset');
    expect(missing(await ok('list --inactive --cap mdev'), ({ name }) => name)).toEqual([]);
    await ok(`assert ${files.join(' ')}`, 4);
    await ok(`start-parent ${one.parent}`);
    expect(await ok('list --cap mdev')).toContain(one.name);
    for (const { uuid } of known.slice(1)) await ok(`start ${uuid}`);
    await ok('doctor');
    await ok(`undefine ${names}`);
    expect(await ok('list --inactive --cap mdev')).toBe('\n');
  });

  it('sim capture makes a profile of the same parents and types', async () => {
    const captured = parseProfile(await ok('sim capture'));
    const parents = captured.cards.flatMap((card) => card.parents.map(({ address }) => address));
    const host = openSimulatedHost(join(folder, 'host'));
    expect(parents.toSorted()).toEqual(host.parents().items.map(({ address }) => address));
    const functions = captured.cards.filter((card) => card.functions !== undefined);
    expect(functions.length > 0).toBe(known.some(({ type }) => type === FUNCTION.type));
    for (const { type } of known) {
      const card = captured.cards.find(({ types }) => types.some(({ id }) => id === type));
      expect(card?.functions !== undefined).toBe(type === FUNCTION.type);
    }
  });

  it('devices of others: foreign, --adopt, gc', async () => {
    await ok(`destroy ${names}`);
    const host = openSimulatedHost(join(folder, 'host'));
    for (const { parent: at, type, uuid } of known) {
      const parent = host
        .parents()
        .items.find(({ address }) => at.endsWith(address.replaceAll(/[:.]/gu, '_')));
      if (parent === undefined) throw new Error(at);
      const isFunction = type === FUNCTION.type;
      if (isFunction)
        host.write(`${parent.path}/nvidia/current_vgpu_type`, type.replace(/\D/gu, ''));
      else host.create(parent, type, uuid);
    }
    const there = host.devices().items.map(({ ref }) => ref.uuid);
    expect(there).toHaveLength(known.length);
    for (const uuid of there) {
      expect(await ok(`info ${uuid}`)).toMatch(/Created by: +others/u);
      await ok(`destroy ${uuid}`, 1);
      await ok(`group create ours-${uuid} ${uuid} --adopt`);
      expect(await ok(`info ${uuid}`)).toMatch(/Created by: +virt-nodedev/u);
    }
    expect(await ok('gc --older-than 0')).toContain(`ours-${there[0]}`);
    expect(host.devices().items).toEqual([]);
    await ok('recover');
  });

  it('event tells of each that comes and goes', async () => {
    let heard = '';
    const stop = new AbortController();
    const waiting = run(['event', '--event', 'lifecycle', '--loop'], {
      connect,
      env: { VIRT_NODEDEV_URI: `sim://${folder}/host` },
      interruption: stop.signal,
      onOutput: (stdout) => {
        heard = stdout;
      },
    });
    const isHeard = async (): Promise<boolean> => {
      await ok(`destroy ${names}`);
      await ok(`create ${files.join(' ')}`);
      return known.every(({ name }) => heard.includes(name));
    };
    await expect.poll(isHeard, { timeout: 60_000 }).toBe(true);
    stop.abort();
    await waiting;
  });
});
