import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/index.ts';
import type { NodeDeviceManager } from '../../../src/engine/node-device-manager.ts';
import type { Issue } from '../../../src/errors.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { openSimulatedHost } from '../../../src/host/simulated/open.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
const NAME = 'mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_86_00_0';
const GPU = 'pci_0000_86_00_0';

let root = '';
let manager: NodeDeviceManager;
let warnings: Issue[] = [];

beforeEach(async () => {
  root = temporaryFolder({ inMemory: true });
  makeSimulatedHost(root, 'nvidia-m60');
  warnings = [];
  manager = await connect(`sim://${root}`, { report: (issue) => warnings.push(issue) });
});

afterEach(async () => {
  await manager.close();
});

const xml = (rest = '', type = 'nvidia-18'): string => `<device><name>my-vgpu</name>
  <parent>${GPU}</parent>
  <capability type='mdev'><type id='${type}'/><uuid>${UUID}</uuid>${rest}</capability></device>`;

const file = (): string => join(root, 'etc/mdevctl.d/0000:86:00.0', UUID);

it('writes the file mdevctl would, params as the attribute the driver takes them in', async () => {
  const [device] = await manager.define(xml('<params>frame_rate_limiter=0</params>'));
  expect(device).toMatchObject({ name: NAME, active: false, persistent: true, autostart: false });
  expect(readFileSync(file(), 'utf8')).toBe(
    `{
  "mdev_type": "nvidia-18",
  "start": "manual",
  "attrs": [
    {
      "nvidia/vgpu_params": "frame_rate_limiter=0"
    }
  ]
}`,
  );
  expect(await manager.dumpxml(NAME)).toContain('<params>frame_rate_limiter=0</params>');
});

it('says them as that attribute in the libvirt dialect, from which they are read again', async () => {
  await manager.define(xml('<params>a=1</params>'));
  for (const start of [false, true]) {
    if (start) await manager.start(NAME);
    const printed = await manager.dumpxml(NAME, { dialect: 'libvirt', inactive: !start });
    expect(printed).toContain("<attr name='nvidia/vgpu_params' value='a=1'/>");
    expect(printed).not.toContain('params>');
  }
  const printed = await manager.dumpxml(NAME, { dialect: 'libvirt', inactive: true });
  await manager.destroy(NAME);
  await manager.undefine(NAME);
  await manager.define(printed);
  expect(await manager.dumpxml(NAME)).toContain('<params>a=1</params>');
});

it('starts a definition with its params, group, alias and owner', async () => {
  await manager.define(xml('<group>g</group><params>frame_rate_limiter=0</params>'));
  await manager.claim('g', { name: 'vm1' });
  expect(await manager.start('my-vgpu')).toMatchObject([{ active: true, group: 'g' }]);
  const attribute = `sys/bus/mdev/devices/${UUID}/nvidia/vgpu_params`;
  expect(readFileSync(join(root, attribute), 'utf8').trim()).toBe('frame_rate_limiter=0');
  expect(await manager.group('g')).toMatchObject({ number: 1, owner: { name: 'vm1' } });
  expect((await manager.info('my-vgpu')).alias).toBe('my-vgpu');
});

it('lists inactive devices only when asked', async () => {
  await manager.define(xml());
  const names = async (state?: 'active' | 'inactive' | 'all'): Promise<string[]> =>
    (await manager.list({ capabilities: ['mdev'], state })).items.map((item) => item.name);
  expect(await names()).toEqual([]);
  expect(await names('inactive')).toEqual([NAME]);
  await manager.start(NAME);
  expect(await names()).toEqual([NAME]);
  expect(await names('inactive')).toEqual([]);
  expect(await names('all')).toEqual([NAME]);
});

it('keeps the definition of a destroyed device and the device of a removed definition', async () => {
  await manager.define(xml());
  await manager.start(NAME);
  await manager.destroy(NAME);
  expect(await manager.info(NAME)).toMatchObject({ active: false, persistent: true });
  await manager.start(NAME);
  await manager.undefine(NAME);
  expect(await manager.info(NAME)).toMatchObject({ active: true, persistent: false });
  await expect(manager.dumpxml(NAME, { inactive: true })).rejects.toMatchObject({
    message: `node device '${NAME}' is not persistent`,
  });
});

it('keeps autostart over an update, which libvirt loses', async () => {
  await manager.define(xml());
  await manager.autostart(NAME, true);
  const update = xml('<params>a=1</params>');
  expect(await manager.update(NAME, update, { config: true })).toMatchObject({
    device: { autostart: true },
    live: false,
    config: true,
  });
  expect(readFileSync(file(), 'utf8')).toContain('"start": "auto"');
  expect(await manager.dumpxml(NAME)).toContain('<params>a=1</params>');
});

it('updates the active device and its definition together', async () => {
  await manager.define(xml());
  await manager.start(NAME);
  const done = await manager.update(NAME, xml('<params>a=1</params>'), {
    live: true,
    config: true,
  });
  expect(done).toMatchObject({ live: true, config: true });
  expect(await manager.dumpxml(NAME)).toContain('<params>a=1</params>');
  expect(await manager.dumpxml(NAME, { inactive: true })).toContain('<params>a=1</params>');
});

it.each([
  ['uuid', xml().replace(UUID, '0695d332-7831-493f-9e71-1c85c8911a09'), /uuid mismatch/u],
  ['type', xml('', 'nvidia-17'), /type mismatch \(current type 'nvidia-18'\)/u],
  ['parent', xml().replace('86_00', '87_00'), /parent address mismatch/u],
])('refuses an update with another %s', async (_, other, message) => {
  await manager.define(xml());
  await expect(manager.update(NAME, other)).rejects.toMatchObject({
    code: 'definition-mismatch',
    message: expect.stringMatching(message),
  });
});

it('defines again: the settings become those of the document, autostart and group stay', async () => {
  const attribute = "<attr name='nvidia/vgpu_params' value='a=1'/>";
  await manager.define(xml('<group>g</group>'), { autostart: true });
  const before = readFileSync(file(), 'utf8');
  expect(await manager.define(xml())).toMatchObject([{ name: NAME, autostart: true, group: 'g' }]);
  expect(readFileSync(file(), 'utf8')).toBe(before);
  const other = xml().replace(UUID, '0695d332-7831-493f-9e71-1c85c8911a09');
  expect(await manager.define([xml(attribute), other])).toMatchObject([
    { name: NAME, autostart: true, group: 'g' },
    { autostart: false, group: 'g' },
  ]);
  expect(await manager.dumpxml(NAME, { dialect: 'libvirt' })).toContain(attribute);
  expect(await manager.define(xml('<group>h</group>'))).toMatchObject([{ group: 'h' }]);
  await expect(manager.define(xml('', 'nvidia-11'))).rejects.toMatchObject({
    code: 'definition-mismatch',
    message: `Cannot define device '${NAME}', type mismatch (current type 'nvidia-18')`,
  });
});

it('an update is of the device that its document names', async () => {
  await manager.define(xml());
  const unnamed = xml().replace(/<uuid>.*<\/uuid>/, '');
  await manager.update(NAME, unnamed);
  const other = NAME.replace('0695d332', '0695d333');
  await expect(manager.update(NAME, unnamed.replace('my-vgpu', other))).rejects.toMatchObject({
    code: 'definition-mismatch',
  });
});

it('refuses to start twice, and to change what is not defined', async () => {
  await manager.define(xml());
  await manager.start(NAME);
  await expect(manager.start(NAME)).rejects.toMatchObject({ code: 'device-active' });
  await manager.undefine(NAME);
  await expect(manager.undefine(NAME)).rejects.toMatchObject({ code: 'device-undefined' });
  await expect(manager.autostart(NAME, true)).rejects.toMatchObject({ code: 'device-undefined' });
});

it('defines all or none', async () => {
  await manager.define(xml());
  const other = xml().replace(UUID, '0695d332-7831-493f-9e71-1c85c8911a09');
  await expect(manager.define([other, xml('', 'nvidia-11')])).rejects.toMatchObject({
    code: 'definition-mismatch',
    issues: [],
  });
  expect(readdirSync(join(root, 'etc/mdevctl.d/0000:86:00.0'))).toEqual([UUID]);
});

it('starts what is marked when its parent appears, and reports what failed', async () => {
  await manager.define(xml('<group>g</group>'));
  const big = xml('', 'nvidia-22').replace(UUID, '0695d332-7831-493f-9e71-1c85c8911a09');
  const [other] = await manager.define(big);
  await manager.autostart(NAME, true);
  await manager.autostart(other?.name ?? '', true);
  const { started, failed } = await manager.startParent('0000:86:00.0');
  expect(started.map((device) => device.name)).toEqual([NAME]);
  expect(failed).toMatchObject([
    { device: { name: other?.name }, error: { code: 'no-instances' } },
  ]);
});

it('reads the others when one file is broken', async () => {
  await manager.define(xml());
  const broken = join(root, 'etc/mdevctl.d/0000:86:00.0/0695d332-7831-493f-9e71-1c85c8911a0a');
  writeFileSync(broken, '');
  const { items, problems } = await manager.list({ state: 'inactive' });
  expect(items.map((item) => item.name)).toEqual([NAME]);
  expect(problems).toMatchObject([{ code: 'definition-invalid' }]);
});

it('a definition of mdevctl is a device like any other', async () => {
  await manager.define(xml());
  await manager.undefine(NAME);
  expect(existsSync(file())).toBe(false);
  writeFileSync(file(), '{"mdev_type": "nvidia-18", "start": "auto", "attrs": []}');
  expect(await manager.info(UUID)).toMatchObject({ persistent: true, autostart: true });
  expect(await manager.start(UUID)).toMatchObject([{ name: NAME, active: true }]);
});

const OTHER = '0695d332-7831-493f-9e71-1c85c8911a09';
const OTHER_NAME = 'mdev_0695d332_7831_493f_9e71_1c85c8911a09_0000_86_00_0';
const AWAY_NAME = NAME.replace('_86_', '_87_');
const other = (text: string): string => text.replace(UUID, OTHER).replace('my-vgpu', 'other-vgpu');
const away = (text: string): string => text.replace('86_00', '87_00').replace('my-vgpu', 'away');

/** Writes a definition past us, as mdevctl would, broken by default. */
function writeDefinition(uuid: string, text = '{"mdev_type":', parent = '0000:86:00.0'): string {
  const folder = join(root, 'etc/mdevctl.d', parent);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, uuid), text);
  return join(folder, uuid);
}

describe('an active device that is defined', () => {
  it('keeps its group, alias and owner when the document names none', async () => {
    await manager.create(xml('<group>g</group>'));
    await manager.claim('g', { name: 'vm1', uuid: OTHER });
    const anonymous = xml().replace('<name>my-vgpu</name>', '');
    expect(await manager.define(anonymous)).toMatchObject([
      { group: 'g', alias: 'my-vgpu', owner: { name: 'vm1' } },
    ]);
    await manager.resetHost();
    expect(await manager.group('g')).toMatchObject({
      owner: { name: 'vm1', uuid: OTHER },
      members: [{ name: NAME, active: false }],
    });
  });

  it('may be defined in another group, of which it is no inactive member', async () => {
    await manager.create(xml('<group>g</group>'));
    await manager.define(xml('<group>h</group>'));
    expect(await manager.info(NAME)).toMatchObject({ group: 'g' });
    await expect(manager.startGroup('h')).rejects.toMatchObject({ code: 'group-unknown' });
    await manager.destroy(NAME);
    expect(await manager.startGroup('h')).toMatchObject([{ name: NAME, group: 'h' }]);
  });

  it('takes those defined with it into its group', async () => {
    await manager.create(xml('<group>g</group>'));
    const defined = await manager.define([other(xml()), xml()]);
    expect(defined.map((device) => device.group)).toEqual(['g', 'g']);
  });

  it('is not defined with another type', async () => {
    await manager.create(xml());
    await expect(manager.define(xml('', 'nvidia-17'))).rejects.toMatchObject({
      code: 'definition-mismatch',
      message: `Cannot define device '${NAME}', type mismatch (current type 'nvidia-18')`,
      location: { line: 3 },
    });
    expect(existsSync(file())).toBe(false);
  });
});

describe('one uuid under two parents', () => {
  it('means the active device, else has to be named', async () => {
    await manager.define(xml());
    await manager.define(away(xml()));
    await expect(manager.start(UUID)).rejects.toMatchObject({
      code: 'device-ambiguous',
      hint: `use one of: ${NAME}, ${AWAY_NAME}`,
    });
    await manager.start(AWAY_NAME);
    expect(await manager.info(UUID)).toMatchObject({ name: AWAY_NAME });
    await expect(manager.start(NAME)).rejects.toMatchObject({ code: 'uuid-exists' });
    expect(await manager.info(NAME)).toMatchObject({ active: false, alias: 'my-vgpu' });
    await expect(manager.undefine(UUID)).rejects.toMatchObject({ code: 'device-ambiguous' });
  });

  it('means the defined device where its definition is meant', async () => {
    await manager.create(xml());
    await manager.define(away(xml()));
    expect(await manager.autostart(UUID, true)).toMatchObject([{ name: AWAY_NAME }]);
    expect(await manager.dumpxml(UUID, { inactive: true })).toContain(AWAY_NAME);
    expect(await manager.undefine(UUID)).toMatchObject([{ name: AWAY_NAME }]);
    expect(await manager.info(UUID)).toMatchObject({ name: NAME, active: true });
  });

  it('is known under one where the other definition is broken', async () => {
    await manager.create(xml());
    writeDefinition(UUID, undefined, '0000:87:00.0');
    expect(await manager.info(UUID)).toMatchObject({ name: NAME });
    expect(await manager.undefine(UUID)).toMatchObject([{ name: AWAY_NAME }]);
  });
});

describe('a broken definition', () => {
  it('is named as what is in the way, and can be removed by uuid and by name', async () => {
    for (const name of [UUID, NAME]) {
      writeDefinition(UUID);
      const broken = { code: 'definition-invalid', location: { file: file(), line: 1 } };
      await expect(manager.info(name)).rejects.toMatchObject(broken);
      await expect(manager.start(name)).rejects.toMatchObject(broken);
      await expect(manager.autostart(name, true)).rejects.toMatchObject(broken);
      await expect(manager.update(name, xml())).rejects.toMatchObject(broken);
      await expect(manager.dumpxml(name)).rejects.toMatchObject(broken);
      await expect(manager.define(xml())).rejects.toMatchObject(broken);
      expect(await manager.undefine(name)).toMatchObject([{ name: NAME, persistent: false }]);
      expect(existsSync(file())).toBe(false);
    }
  });

  it('does not stand in the way of its active device, and is reported', async () => {
    await manager.create(xml());
    writeDefinition(UUID);
    expect(await manager.info(NAME)).toMatchObject({ active: true, persistent: true });
    expect(warnings).toMatchObject([{ code: 'definition-invalid', severity: 'warning' }]);
    expect(await manager.dumpxml(NAME)).toContain(UUID);
    await expect(manager.dumpxml(NAME, { inactive: true })).rejects.toMatchObject({
      code: 'definition-invalid',
    });
    expect(await manager.destroy(NAME)).toMatchObject([{ name: NAME }]);
  });

  it('is a member of its group, without a type', async () => {
    await manager.define([xml('<group>g</group>'), other(xml('<group>g</group>'))]);
    writeFileSync(file(), '');
    expect((await manager.group('g')).members).toEqual([
      expect.objectContaining({ name: NAME, type: undefined }),
      expect.objectContaining({ name: OTHER_NAME, type: 'nvidia-18' }),
    ]);
    await expect(manager.startGroup('g')).rejects.toMatchObject({ code: 'definition-invalid' });
    expect(await manager.list({ capabilities: ['mdev'] })).toMatchObject({ items: [] });
  });

  it('is put back to the byte when another of the operation stays', async () => {
    const unusual = writeDefinition(UUID.toUpperCase(), ' {"broken" ');
    await manager.create(other(xml()));
    await expect(manager.undefine([UUID, OTHER])).rejects.toMatchObject({
      code: 'device-undefined',
    });
    expect(readFileSync(unusual, 'utf8')).toBe(' {"broken" ');
  });

  it('has failed when its parent appears', async () => {
    writeDefinition(UUID);
    writeDefinition(OTHER, undefined, '0000:87:00.0');
    expect(await manager.startParent(GPU)).toMatchObject({
      started: [],
      failed: [{ device: { name: NAME }, error: { code: 'definition-invalid' } }],
    });
  });
});

describe('what this user may not look at', () => {
  it.skipIf(process.getuid?.() === 0)(
    'hides no active device (root may look everywhere)',
    async () => {
      await manager.create(xml());
      writeDefinition(OTHER);
      const folder = join(root, 'etc/mdevctl.d/0000:86:00.0');
      chmodSync(folder, 0);
      const { items, problems } = await manager.list({ capabilities: ['mdev'] });
      expect(items.map((item) => item.name)).toEqual([NAME]);
      expect(problems).toMatchObject([{ code: 'permission-denied' }]);
      expect(await manager.info(NAME)).toMatchObject({ active: true });
      chmodSync(folder, 0o755);
    },
  );

  it('is only what is there: a file in the place of the folder is reported and hides nothing', async () => {
    await manager.create(xml());
    rmSync(join(root, 'etc/mdevctl.d'), { recursive: true, force: true });
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(root, 'etc/mdevctl.d'), '');
    const { items, problems } = await manager.list({ capabilities: ['mdev'] });
    expect(items.map((item) => item.name)).toEqual([NAME]);
    expect(problems).toMatchObject([{ code: 'store-failed' }]);
  });
});

describe('a group of definitions', () => {
  it('starts its parts with their parents, in one group', async () => {
    const second = away(other(xml('<group>g</group>')));
    await manager.define([xml('<group>g</group>'), second], { autostart: true });
    const first = await manager.startParent('0000:86:00.0');
    expect(first.started.map((device) => device.parent)).toEqual([GPU]);
    expect((await manager.group('g')).members.map((member) => member.active)).toEqual([
      true,
      false,
    ]);
    await manager.startParent('0000:87:00.0');
    expect(await manager.group('g')).toMatchObject({
      number: 1,
      members: [{ active: true }, { active: true }],
    });
    expect(await manager.startParent('0000:87:00.0')).toEqual({ started: [], failed: [] });
  });

  it('starts with all its members or none', async () => {
    const documents = [xml('<group>g</group>'), other(xml('<group>g</group>', 'nvidia-22'))];
    await manager.define(documents, { autostart: true });
    await expect(manager.startGroup('g')).rejects.toMatchObject({ code: 'no-instances' });
    const { started, failed } = await manager.startParent(GPU);
    expect(started).toEqual([]);
    expect(failed.map(({ device }) => device.name)).toEqual([NAME, OTHER_NAME]);
    expect((await manager.list({ capabilities: ['mdev'] })).items).toEqual([]);
  });

  it('has nothing to start or destroy when all or none of it is active', async () => {
    await manager.define(xml('<group>g</group>'));
    await expect(manager.destroyGroup('g')).rejects.toMatchObject({ code: 'device-inactive' });
    await manager.startGroup('g');
    await expect(manager.startGroup('g')).rejects.toMatchObject({ code: 'device-active' });
  });

  it('that others emptied leaves no owner to the next of its name', async () => {
    await manager.define(xml('<group>g</group>'));
    await manager.claim('g', { name: 'vm1' });
    rmSync(file());
    await manager.define(other(xml('<group>g</group>')));
    expect((await manager.group('g')).owner).toBeUndefined();
    writeDefinition(UUID, '{"mdev_type": "nvidia-18", "start": "manual"}');
    expect((await manager.info(UUID)).group).toBeUndefined();
  });

  it('keeps group, owner and alias when mdevctl rewrites the file', async () => {
    await manager.define(xml('<group>g</group>'));
    await manager.claim('g', { name: 'vm1' });
    writeDefinition(UUID, '{"mdev_type": "nvidia-18", "start": "auto", "attrs": []}');
    expect(await manager.info('my-vgpu')).toMatchObject({
      group: 'g',
      owner: { name: 'vm1' },
      autostart: true,
    });
    await manager.release('g');
    expect((await manager.group('g')).owner).toBeUndefined();
  });
});

describe('an update', () => {
  it('keeps the group when it names the same, and takes a new alias', async () => {
    await manager.define(xml('<group>g</group>'));
    await manager.start(NAME);
    const renamed = xml('<group>g</group>').replace('my-vgpu', 'new-name');
    const { device } = await manager.update(NAME, renamed, { live: true, config: true });
    expect(device).toMatchObject({ group: 'g', alias: 'new-name' });
    await manager.destroy(NAME);
    expect(await manager.info('new-name')).toMatchObject({ group: 'g', alias: 'new-name' });
  });

  it('keeps the order of a group', async () => {
    await manager.create([xml('<group>g</group>'), other(xml('<group>g</group>'))]);
    await manager.update(NAME, xml('<params>a=1</params>'));
    const { members } = await manager.group('g');
    expect(members.map((member) => member.name)).toEqual([NAME, OTHER_NAME]);
  });

  it('is of one device', async () => {
    await manager.define(xml());
    const two = `<devices>${xml()}${other(xml())}</devices>`;
    await expect(manager.update(NAME, two)).rejects.toMatchObject({ code: 'nodedev-invalid' });
  });
});

it('knows a device by several names as one', async () => {
  await manager.define(xml());
  expect(await manager.start([NAME, UUID, 'my-vgpu'])).toHaveLength(1);
  expect(await manager.undefine([UUID, NAME])).toHaveLength(1);
});

it('changes mediated devices only', async () => {
  // Each in libvirt's words.
  const refused = (message: string) => ({ code: 'unsupported-device', message });
  await expect(manager.undefine(GPU)).rejects.toMatchObject(
    refused(`Node device '${GPU}' is not defined`),
  );
  await expect(manager.start(GPU)).rejects.toMatchObject(refused('Device is already active'));
  for (const name of [GPU, 'computer']) {
    await expect(manager.destroy(name)).rejects.toMatchObject(refused('Unsupported device type'));
  }
  await expect(manager.undefine('computer')).rejects.toMatchObject(
    refused('Unsupported device type'),
  );
});

it('takes a device that others made in the place of ours as theirs', async () => {
  await manager.create(xml('<group>g</group>'));
  const host = openSimulatedHost(root);
  const ours = host.find(UUID);
  const parent = host.parent('0000:87:00.0');
  if (ours === undefined || parent === undefined) throw new Error('not created');
  host.remove(ours);
  host.create(parent, 'nvidia-18', UUID);
  expect(await manager.info(UUID)).toMatchObject({ name: AWAY_NAME, group: undefined });
  await expect(manager.group('g')).rejects.toMatchObject({ code: 'group-unknown' });
  const theirs = away(xml('<group>h</group>'));
  await expect(manager.define(theirs)).rejects.toMatchObject({ code: 'device-foreign' });
  expect(await manager.define(theirs, { adopt: true })).toMatchObject([{ group: 'h' }]);
});
