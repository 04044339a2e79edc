import { expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import { NodedevError } from '../../src/errors.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { profileWith } from '../support/profile-with.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { NodeDeviceManager } from '../../src/engine/node-device-manager.ts';

/** The nvidia-m60 profile in memory, with uuids counted from 1. */
async function testHost(): Promise<NodeDeviceManager> {
  let count = 0;
  const newUuid = (): string => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`;
  return connect('test:///default', { newUuid });
}

const GPU0 = 'pci_0000_86_00_0';
const GPU1 = 'pci_0000_87_00_0';

function deviceXml(
  type: string,
  { parent = GPU0, rest = '', name = '' }: { parent?: string; rest?: string; name?: string } = {},
): string {
  const nameElement = name === '' ? '' : `<name>${name}</name>`;
  return `<device>${nameElement}<parent>${parent}</parent>
  <capability type='mdev'><type id='${type}'/>${rest}</capability></device>`;
}

const free = async (manager: NodeDeviceManager, type: string, parent = GPU0): Promise<number> => {
  const { items } = await manager.types({ parent });
  return items.find((item) => item.id === type)?.availableInstances ?? -1;
};

it('creates the device of the thread as its authors wrote it', async () => {
  const manager = await testHost();
  const { devices, group } = await manager.create(`<device>
      <name>my-vgpu</name>
      <parent>pci_0000_86_00_0</parent>
      <capability type='mdev'>
        <type id='11'/>
        <uuid>0695d332-7831-493f-9e71-1c85c8911a08</uuid>
        <group>group1</group>
        <params>disable_console_vnc=1</params>
      </capability>
    </device>`);
  expect(devices).toEqual([
    {
      name: 'mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_86_00_0',
      capabilities: ['mdev'],
      parent: GPU0,
      active: true,
      persistent: false,
      autostart: false,
      uuid: '0695d332-7831-493f-9e71-1c85c8911a08',
      parentAddress: '0000:86:00.0',
      type: 'nvidia-11',
      group: 'group1',
      alias: 'my-vgpu',
    },
  ]);
  expect(group).toMatchObject({ name: 'group1', number: 1, open: false });
  const xml = await manager.dumpxml('my-vgpu');
  expect(xml).toMatch(/<group>group1<\/group>\s+<groupNumber>1<\/groupNumber>/u);
  const libvirts = await manager.dumpxml(devices[0]?.name ?? '', { dialect: 'libvirt' });
  expect(libvirts).not.toContain('group1');
  expect(xml).toContain('<params>disable_console_vnc=1</params>');
});

it('dumps a device, active or defined, so that the dump makes the same one again', async () => {
  const manager = await testHost();
  const rest =
    '<uuid>0695d332-7831-493f-9e71-1c85c8911a08</uuid><group>group1</group><params>disable_console_vnc=1</params>';
  const xml = deviceXml('nvidia-11', { rest, name: 'my-vgpu' });
  await manager.create(xml);
  const active = [await manager.dumpxml('my-vgpu'), await manager.info('my-vgpu')] as const;
  await manager.destroy(['my-vgpu']);
  await manager.create(active[0]);
  expect([await manager.dumpxml('my-vgpu'), await manager.info('my-vgpu')]).toEqual(active);
  await manager.destroy(['my-vgpu']);
  await manager.define(xml);
  const defined = [await manager.dumpxml('my-vgpu'), await manager.info('my-vgpu')] as const;
  await manager.undefine(['my-vgpu']);
  await manager.define(defined[0]);
  expect([await manager.dumpxml('my-vgpu'), await manager.info('my-vgpu')]).toEqual(defined);
  expect(active[0]).toContain('<alias>my-vgpu</alias>');
  expect(defined[0]).toContain('<alias>my-vgpu</alias>');
});

it('refuses a document with two names', async () => {
  const manager = await testHost();
  const xml = deviceXml('nvidia-11', { rest: '<alias>other</alias>', name: 'my-vgpu' });
  await expect(manager.create(xml)).rejects.toMatchObject({
    code: 'nodedev-invalid',
    message: "<name> is 'my-vgpu', but <alias> 'other'",
  });
});

it.each([
  'mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_86_00_0',
  'mdev_0695d332_7831_493f_9e71_1c85c8911a08',
  'mdev_0695d332-7831-493f-9e71-1c85c8911a08',
  '0695d332-7831-493f-9e71-1c85c8911a08',
  '0695D332-7831-493F-9E71-1C85C8911A08',
  'my-vgpu',
])('finds a device as %s', async (name) => {
  const manager = await testHost();
  const rest = '<uuid>0695d332-7831-493f-9e71-1c85c8911a08</uuid>';
  await manager.create(deviceXml('nvidia-11', { rest, name: 'my-vgpu' }));
  expect((await manager.info(name)).uuid).toBe('0695d332-7831-493f-9e71-1c85c8911a08');
});

it('generates a uuid and makes a group of one from the minimal form', async () => {
  const manager = await testHost();
  const { devices, group } = await manager.create(deviceXml('nvidia-18'));
  expect(devices.map((device) => device.uuid)).toEqual(['00000000-0000-4000-8000-000000000001']);
  expect(group.members).toHaveLength(1);
  expect(await manager.dumpxml(devices[0]?.name ?? '')).not.toContain('<group>');
});

it('accepts the sysfs address of a parent', async () => {
  const manager = await testHost();
  const { devices } = await manager.create(deviceXml('nvidia-18', { parent: '0000:87:00.0' }));
  expect(devices[0]?.parent).toBe(GPU1);
});

it('makes as many devices as one capability has types, in one group', async () => {
  const manager = await testHost();
  const { group } = await manager.create(
    deviceXml('nvidia-18', { rest: "<type id='nvidia-17'/><group>vm1</group>" }),
  );
  expect(group.members.map((member) => member.type)).toEqual(['nvidia-18', 'nvidia-17']);
});

it('makes one group of several documents', async () => {
  const manager = await testHost();
  const rest = '<group>vm1</group>';
  const { group } = await manager.create([
    deviceXml('nvidia-18', { rest }),
    deviceXml('nvidia-22', { parent: GPU1 }),
  ]);
  expect(group.name).toBe('vm1');
  expect(group.members.map((member) => member.parent)).toEqual([GPU0, GPU1]);
});

interface Refusal {
  readonly what: string;
  readonly xml: string | readonly string[];
  readonly code: string;
  readonly message: RegExp;
  readonly hint?: RegExp;
  readonly line?: number;
}

const REFUSALS: readonly Refusal[] = [
  {
    what: 'an unknown parent, with a near miss',
    xml: deviceXml('nvidia-18', { parent: 'pci_0000_86_00_1' }),
    code: 'parent-unknown',
    message: /invalid parent device 'pci_0000_86_00_1'/u,
    hint: /did you mean 'pci_0000_86_00_0'/u,
    line: 1,
  },
  {
    what: 'a device that offers no types as parent',
    xml: deviceXml('nvidia-18', { parent: 'pci_0000_80_02_0' }),
    code: 'parent-without-mdev',
    message: /device 'pci_0000_80_02_0' does not support mediated devices/u,
    line: 1,
  },
  {
    what: 'a missing parent',
    xml: "<device><capability type='mdev'><type id='11'/></capability></device>",
    code: 'parent-missing',
    message: /missing parent device/u,
    line: 1,
  },
  {
    what: 'an unknown type, with the types of the parent',
    xml: deviceXml('nvidia-99'),
    code: 'type-unknown',
    message: /does not support mdev type 'nvidia-99'/u,
    hint: /nvidia-18 \(GRID M60-2Q\)/u,
    line: 2,
  },
  {
    what: 'params a device takes twice as a uuid',
    xml: deviceXml('nvidia-18', {
      rest: "<type id='nvidia-18'/><uuid>0695d332-7831-493f-9e71-1c85c8911a08</uuid>",
    }),
    code: 'nodedev-invalid',
    message: /one <uuid> is given for 2 devices/u,
    line: 2,
  },
  {
    what: 'two groups in one create',
    xml: [
      deviceXml('nvidia-18', { rest: '<group>a</group>' }),
      deviceXml('nvidia-18', { rest: '<group>b</group>' }),
    ],
    code: 'nodedev-invalid',
    message: /'a', 'b'/u,
  },
  {
    what: 'the same uuid twice in one create',
    xml: [1, 2].map(() =>
      deviceXml('nvidia-18', { rest: '<uuid>0695d332-7831-493f-9e71-1c85c8911a08</uuid>' }),
    ),
    code: 'uuid-exists',
    message: /given to two/u,
    line: 2,
  },
  {
    what: 'a group name that is a path',
    xml: deviceXml('nvidia-18', { rest: '<group>../x</group>' }),
    code: 'nodedev-invalid',
    message: /invalid group name/u,
  },
  {
    what: 'a document that is no mediated device',
    xml: "<device><name>x</name><parent>computer</parent><capability type='system'><hardware><uuid>0695d332-7831-493f-9e71-1c85c8911a08</uuid></hardware><firmware/></capability></device>",
    code: 'unsupported-device',
    message: /Unsupported device type/u,
  },
  {
    what: 'an attribute the device does not have, after the device was created',
    xml: deviceXml('nvidia-18', { rest: "<attr name='nope' value='1'/>" }),
    code: 'host-refused',
    message: /nope/u,
  },
  {
    what: 'a different size on the same GPU in one group',
    xml: [deviceXml('nvidia-18'), deviceXml('nvidia-22')],
    code: 'no-instances',
    message: /nvidia-22/u,
  },
];

it.each(REFUSALS)(
  'refuses $what and changes nothing',
  async ({ xml, code, message, hint, line }) => {
    const manager = await testHost();
    const before = await manager.types();
    const refused: unknown = await manager.create(xml).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(refused instanceof NodedevError ? (refused.hint ?? '') : '').toMatch(hint ?? '');
    expect(refused).toMatchObject(line === undefined ? {} : { location: { line } });
    expect(await manager.types()).toEqual(before);
    expect(await manager.groups()).toEqual([]);
    expect((await manager.list({ capabilities: ['mdev'] })).items).toEqual([]);
  },
);

it('names the device that has a uuid already', async () => {
  const manager = await testHost();
  const xml = deviceXml('nvidia-18', { rest: '<uuid>0695d332-7831-493f-9e71-1c85c8911a08</uuid>' });
  await manager.create(xml);
  await expect(manager.create(xml)).rejects.toMatchObject({
    code: 'uuid-exists',
    message: expect.stringContaining('mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_86_00_0'),
  });
});

it('says which devices stand in the way when nothing is left', async () => {
  const manager = await testHost();
  const { devices } = await manager.create(deviceXml('nvidia-22'));
  await expect(manager.create(deviceXml('nvidia-18'))).rejects.toMatchObject({
    code: 'no-instances',
    hint: expect.stringContaining(devices[0]?.name ?? 'nothing'),
  });
});

it('destroys devices, and a group with its last member', async () => {
  const manager = await testHost();
  const before = await free(manager, 'nvidia-18');
  const rest = '<group>vm1</group>';
  const { devices } = await manager.create([
    deviceXml('nvidia-18', { rest }),
    deviceXml('nvidia-18', { rest }),
  ]);
  await manager.destroy(devices[0]?.name ?? '');
  expect((await manager.group('vm1')).members).toHaveLength(1);
  await manager.destroyGroup('vm1');
  await expect(manager.group('vm1')).rejects.toMatchObject({ code: 'group-unknown' });
  expect(await free(manager, 'nvidia-18')).toBe(before);
});

it('destroys all or none', async () => {
  const manager = await testHost();
  await manager.create(deviceXml('nvidia-18', { name: 'a' }));
  await expect(manager.destroy(['a', 'b'])).rejects.toMatchObject({ code: 'device-unknown' });
  expect((await manager.info('a')).active).toBe(true);
});

function domainXml(name: string, uuids: readonly string[]): string {
  const hostdevs = uuids.map(
    (uuid) => `<hostdev mode='subsystem' type='mdev' model='vfio-pci'>
      <source><address uuid='${uuid}'/></source></hostdev>`,
  );
  return `<domain type='kvm'><name>${name}</name><memory>1</memory>
    <os><type>hvm</type></os><devices>${hostdevs.join('')}</devices></domain>`;
}

const uuidsOf = async (manager: NodeDeviceManager, group: string): Promise<string[]> =>
  (await manager.group(group)).members.map((member) => member.uuid);

const groupXml = (group: string): string =>
  deviceXml('nvidia-18', { rest: `<type id='nvidia-18'/><group>${group}</group>` });

it('distinguishes domains of the same name by the uuid', async () => {
  const manager = await testHost();
  await manager.create(groupXml('g'));
  const uuid = '11111111-1111-4111-8111-111111111111';
  await manager.claim('g', { name: 'vm', uuid });
  const other = { name: 'vm', uuid: '22222222-2222-4222-8222-222222222222' };
  await expect(manager.claim('g', other)).rejects.toThrow(`'vm (${uuid})'`);
});

// "One owner; a member is never given to a second domain."
it('never gives a member to a second domain', async () => {
  const manager = await testHost();
  await manager.create(groupXml('g'));
  await manager.claim('g', { name: 'vm1' });
  await expect(manager.claim('g', { name: 'vm2' })).rejects.toMatchObject({ code: 'group-owned' });
  const domain = domainXml('vm2', await uuidsOf(manager, 'g'));
  await expect(manager.startDomain(domain)).rejects.toMatchObject({ code: 'group-member' });
  expect((await manager.group('g')).owner).toEqual({ name: 'vm1', by: 'claim' });
});

it('lets the same domain claim again, and another one after the release', async () => {
  const manager = await testHost();
  await manager.create(groupXml('g'));
  await manager.claim('g', { name: 'vm1' });
  await manager.claim('g', { name: 'vm1' });
  await expect(manager.destroyGroup('g')).rejects.toMatchObject({ code: 'group-owned' });
  await manager.release('g');
  expect((await manager.claim('g', { name: 'vm2' })).owner).toEqual({ name: 'vm2', by: 'claim' });
});

// "All groups of one domain that need each other's resources are the same group."
it('requires one group for several vGPUs of one domain where the card asks for it', async () => {
  const folder = temporaryFolder();
  makeSimulatedHost(folder, profileWith('nvidia-m60', 'requires-group', 'yes'));
  const manager = await connect(`sim://${folder}`);
  await manager.create(deviceXml('nvidia-18', { rest: '<group>a</group>' }));
  await manager.create(deviceXml('nvidia-18', { rest: '<group>b</group>' }));
  const uuids = [...(await uuidsOf(manager, 'a')), ...(await uuidsOf(manager, 'b'))];
  await expect(manager.startDomain(domainXml('vm1', uuids))).rejects.toMatchObject({
    code: 'group-required',
  });
  await manager.close();
});

// "Commit on first open, free on last close."
it('opens what a domain would, and names it when somebody wants the device', async () => {
  const manager = await testHost();
  await manager.create(groupXml('g'));
  const uuids = await uuidsOf(manager, 'g');
  await manager.startDomain(domainXml('vm1', uuids));
  expect(await manager.group('g')).toMatchObject({ open: true, owner: { name: 'vm1' } });
  await expect(manager.destroy(uuids[0] ?? '')).rejects.toMatchObject({
    code: 'in-use',
    message: expect.stringContaining("domain 'vm1'"),
  });
  await expect(manager.release('g')).rejects.toMatchObject({ code: 'group-open' });
  await manager.stopDomain('vm1');
  expect((await manager.group('g')).open).toBe(false);
});

it('names the member that is held when somebody destroys its group', async () => {
  const manager = await testHost();
  await manager.create(groupXml('g'));
  const [, second = ''] = await uuidsOf(manager, 'g');
  await manager.startDomain(domainXml('vm1', [second]));
  await expect(manager.destroyGroup('g')).rejects.toMatchObject({
    code: 'in-use',
    message: expect.stringContaining(second.replaceAll('-', '_')),
  });
});

it('refuses a domain whose device does not exist', async () => {
  const manager = await testHost();
  const domain = domainXml('vm1', ['0695d332-7831-493f-9e71-1c85c8911a08']);
  await expect(manager.startDomain(domain)).rejects.toMatchObject({ code: 'device-inactive' });
});

it('lists the host, its parents and its devices', async () => {
  const manager = await testHost();
  await manager.create(deviceXml('nvidia-18'));
  const { items, problems } = await manager.list();
  expect(problems).toEqual([]);
  expect(items.map((item) => item.name)).toEqual([
    'computer',
    GPU0,
    GPU1,
    ...['80_02_0', '84_00_0', '85_08_0', '85_10_0'].map((place) => `pci_0000_${place}`),
    'mdev_00000000_0000_4000_8000_000000000001_0000_86_00_0',
  ]);
  const { items: parents } = await manager.list({ capabilities: ['mdev_types'] });
  expect(parents.map((item) => item.name)).toEqual([GPU0, GPU1]);
});

it('knows the hardware around the parents, and changes none of it', async () => {
  const manager = await testHost();
  const bridge = 'pci_0000_85_08_0';
  expect(await manager.info(bridge)).toMatchObject({
    parent: 'pci_0000_84_00_0',
    capabilities: ['pci'],
    active: true,
    persistent: false,
  });
  expect(await manager.dumpxml(bridge)).toContain("<capability type='pci-bridge'/>");
  for (const name of [bridge, GPU0]) {
    await expect(manager.dumpxml(name, { inactive: true })).rejects.toMatchObject({
      message: `node device '${name}' is not persistent`,
    });
    await expect(manager.start(name)).rejects.toMatchObject({
      message: 'Device is already active',
    });
    await expect(manager.undefine(name)).rejects.toMatchObject({
      message: `Node device '${name}' is not defined`,
    });
    await expect(manager.destroy(name)).rejects.toMatchObject({
      message: 'Unsupported device type',
    });
  }
  expect(await manager.dumpxml('computer', { inactive: true })).toContain('PowerEdge');
});

it('takes types that can no longer be created to 0', async () => {
  const manager = await testHost();
  expect(await free(manager, 'nvidia-22')).toBe(1);
  await manager.create(deviceXml('nvidia-18'));
  expect(await free(manager, 'nvidia-22')).toBe(0);
  expect(await free(manager, 'nvidia-18')).toBe(3);
  expect(await free(manager, 'nvidia-22', GPU1)).toBe(1);
  expect(await manager.dumpxml(GPU0, { dialect: 'thread' })).not.toContain('nvidia-22');
  expect(await manager.dumpxml(GPU0)).toContain('nvidia-22');
});

it('names what it does not know, with what was probably meant', async () => {
  const manager = await testHost();
  await expect(manager.dumpxml('pci_0000_68_00_0')).rejects.toMatchObject({
    code: 'device-unknown',
    message: "no node device with matching name 'pci_0000_68_00_0'",
    hint: "did you mean 'pci_0000_86_00_0'?",
  });
});
