import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connect } from '../../src/engine/connect.ts';
import type { NodeDeviceManager } from '../../src/engine/types.ts';
import { initSimulatedHost } from '../../src/host/simulated/init.ts';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
const NAME = 'mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_86_00_0';
const GPU = 'pci_0000_86_00_0';

let root = '';
let manager: NodeDeviceManager;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'virt-nodedev-engine-'));
  initSimulatedHost(root, readSampleProfile('nvidia-m60'));
  manager = await connect(`sim://${root}`);
});

afterEach(async () => {
  await manager.close();
  rmSync(root, { recursive: true });
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

it('refuses to define twice, to start twice, and to change what is not defined', async () => {
  await manager.define(xml());
  await expect(manager.define(xml())).rejects.toMatchObject({ code: 'device-defined' });
  await manager.start(NAME);
  await expect(manager.start(NAME)).rejects.toMatchObject({ code: 'device-active' });
  await manager.undefine(NAME);
  await expect(manager.undefine(NAME)).rejects.toMatchObject({ code: 'device-undefined' });
  await expect(manager.autostart(NAME, true)).rejects.toMatchObject({ code: 'device-undefined' });
});

it('defines all or none', async () => {
  await manager.define(xml());
  const other = xml().replace(UUID, '0695d332-7831-493f-9e71-1c85c8911a09');
  await expect(manager.define([other, xml()])).rejects.toMatchObject({
    code: 'device-defined',
    issues: [],
  });
  expect(readdirSync(join(root, 'etc/mdevctl.d/0000:86:00.0'))).toEqual([UUID]);
});

it('starts what is marked when its parent appears, and tells what failed', async () => {
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
