import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { connect } from '../../../src/remote/connect.ts';
import type { Connection } from '../../../src/plan/connection.ts';

// Facts about types that the kernel does not say, and the spellings of types and parents.

const FILE = 'usr/share/nvidia/vgpu/vgpuConfig.xml';
const config = (device: string, types: readonly (readonly [number, string, number, string])[]) =>
  `<?xml version="1.0"?>
<!DOCTYPE vgpu SYSTEM "http://www.nvidia.com/dtd/vgpuConfig.dtd">
<vgpuconfig>${types
    .map(
      ([id, name, , body]) =>
        `<vgpuType id="${id}" name="${name}" class="Quadro"><devId vendorId="0x10de" deviceId="${device}" subsystemId="0x1"/>${body}</vgpuType>`,
    )
    .join('')}
<pgpu hostVgpuMode="sriov"><devId vendorId="0x10de" deviceId="${device}" subsystemVendorId="0x10de" subsystemId="0x0"/>${types
    .map(
      ([id, , most]) =>
        `<supportedVgpu vgpuId="${id}"><maxVgpus>${most}</maxVgpus></supportedVgpu>`,
    )
    .join('')}</pgpu></vgpuconfig>`;
const L40S_24Q =
  '<profileSize>0x600000000</profileSize><framebuffer>0x59C000000</framebuffer><numHeads>4</numHeads><display width="7680" height="4320"/><frlConfig>0x3c</frlConfig>';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'virt-nodedev-type-facts-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const make = (profile: string): void => void makeSimulatedHost(join(root, 'host'), profile);
const open = (scheme = 'sim'): Promise<Connection> => connect(`${scheme}://${join(root, 'host')}`);
function write(text: string): void {
  const file = join(root, 'host', FILE);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
}
async function typeOf(connection: Connection, parent: string, id: string) {
  const { items } = await connection.types({ parent });
  const type = items.find((each) => each.id === id);
  if (type === undefined) throw new Error(`no ${id}`);
  return type;
}

describe.each(['sim', 'sysfs'])('functions, %s', (scheme) => {
  it('without the file, facts are from tables and names', async () => {
    make('nvidia-l40s');
    const { facts, sources } = await typeOf(await open(scheme), '0000:42:00.4', 'nvidia-1155');
    expect(facts).toMatchObject({ framebuffer: 24 * 1024 ** 3, maxInstances: 2, heads: undefined });
    expect(sources).toEqual({
      framebuffer: 'name',
      maxInstances: 'name',
      series: 'name',
      board: 'name',
    });
  });

  it('the file has heads, resolution, frame limit, both sizes and how many fit', async () => {
    make('nvidia-l40s');
    write(config('0x26B9', [[1155, 'NVIDIA L40S-24Q', 2, L40S_24Q]]));
    const connection = await open(scheme);
    const { facts, sources } = await typeOf(connection, '00000000:42:00.4', 'nvidia-1155');
    expect(facts).toMatchObject({
      framebuffer: 24 * 1024 ** 3,
      guestFramebuffer: 22976 * 1024 ** 2,
      heads: 4,
      width: 7680,
      height: 4320,
      frameLimit: 60,
      maxInstances: 2,
    });
    const { series, board, ...others } = sources;
    expect([series, board]).toEqual(['name', 'name']);
    expect(new Set(Object.values(others))).toEqual(new Set(['vgpuConfig.xml']));
    expect(Object.keys(others)).toHaveLength(7);
    // What it does not list has what it had.
    const other = await typeOf(connection, '0000:42:00.4', 'nvidia-1156');
    expect(other.sources['maxInstances']).toBe('name');
  });

  it('the file knows types that no list has, such as that of a vGPU on a full GPU', async () => {
    make('nvidia-l40s');
    write(config('0x26B9', [[4711, 'NVIDIA L40S-9Q', 5, '']]));
    const type = await typeOf(await open(scheme), '0000:42:00.4', 'nvidia-4711');
    expect(type).toMatchObject({ name: 'NVIDIA L40S-9Q', facts: { maxInstances: 5 } });
  });
});

it('the number of the file is exact, one by names is a bound', async () => {
  make('nvidia-l40s');
  const bare = await (await open()).explain('nvidia-1155', '0000:42:00.4');
  expect(bare.items[0]?.confidence).toBe('upper-bound');
  write(config('0x26B9', [[1155, 'NVIDIA L40S-24Q', 1, L40S_24Q]]));
  const connection = await open();
  const [exact] = (await connection.explain('0x483', '00000000:42:00.0')).items;
  expect(exact).toMatchObject({ confidence: 'exact', available: 1 });
  // The driver of a simulated host follows its file, too.
  const on = (address: string): string =>
    `<device><parent>${address}</parent><capability type='mdev'><type id='1155'/></capability></device>`;
  await connection.create(on('00000000:42:00.5'));
  await expect(connection.create(on('00000000:42:00.6'))).rejects.toMatchObject({
    code: 'no-instances',
    hint: expect.stringContaining('at most 1'),
  });
});

it('of mediated devices, only what the description lacks is from the file', async () => {
  make('nvidia-m60');
  write(
    config('0x13F2', [
      [11, 'GRID M60-0B', 99, '<framebuffer>0x1A000000</framebuffer><numHeads>77</numHeads>'],
    ]),
  );
  const type = await typeOf(await open(), 'pci_0000_86_00_0', 'nvidia-11');
  expect(type.facts).toMatchObject({
    heads: 2,
    maxInstances: 16,
    guestFramebuffer: 416 * 1024 ** 2,
  });
  expect(type.sources).toMatchObject({ heads: 'kernel', guestFramebuffer: 'vgpuConfig.xml' });
});

it.each([
  ['<vgpuconfig>', /vgpuConfig\.xml/],
  [
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><vgpuconfig>&x;</vgpuconfig>',
    /DOCTYPE|Document type/,
  ],
])('a file that cannot be read is told, and types stay: %s', async (text, says) => {
  make('nvidia-l40s');
  write(text);
  const connection = await open();
  expect((await typeOf(connection, '0000:42:00.4', 'nvidia-1155')).facts.maxInstances).toBe(2);
  const found = (await connection.doctor()).find(({ code }) => code === 'doctor-unreadable');
  expect(found?.message).toMatch(says);
});

it('spellings of types and parents', async () => {
  make('nvidia-l40s');
  const connection = await open();
  const pairs: readonly (readonly [string, string])[] = [
    ['nvidia-1155', '0000:42:00.4'],
    ['1155', 'pci_0000_42_00_4'],
    ['0x483', '00000000:42:00.4'],
    ['0X483', '0000:42:00.4'],
    ['0x0483', '0000:42:00.4'],
    ['NVIDIA L40S-24Q', '0000:42:00.4'],
    ['NVIDIA_L40S-24Q', '0000:42:00.4'],
    ['L40S-24Q', '0000:42:00.4'],
    ['l40s-24q', '0000:42:00.4'],
  ];
  for (const [type, parent] of pairs) {
    const found = await connection.explain(type, parent);
    expect(found.items.map((each) => each.type)).toEqual(['nvidia-1155']);
    const xml = `<device><parent>${parent}</parent><capability type='mdev'><type id='${type}'/></capability></device>`;
    expect((await connection.validate([{ text: xml }]))[0]?.issues).toEqual([]);
    const [defined] = await connection.define(xml);
    expect(defined).toMatchObject({ type: 'nvidia-1155', parent: 'pci_0000_42_00_4' });
  }
  for (const type of ['483', '0483', '0x1155', '01155', '1154x', '9999']) {
    await expect(connection.explain(type, '0000:42:00.4')).rejects.toMatchObject({
      code: 'type-unknown',
      hint: expect.stringContaining('nvidia-1155 (NVIDIA L40S-24Q)'),
    });
  }
});
