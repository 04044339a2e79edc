import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { formatHostdev } from '../../../src/domain/format-hostdev.ts';
import { hostdevFor } from '../../../src/domain/hostdev-for.ts';
import { insertHostdev, removeHostdev } from '../../../src/domain/insert-hostdev.ts';
import { parseHostdevs } from '../../../src/domain/parse-domain.ts';
import { qemuDeviceArguments } from '../../../src/domain/qemu-arguments.ts';
import { HostError } from '../../../src/host/host.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { parseNodeDevice } from '../../../src/nodedev/parse.ts';
import { connect } from '../../../src/remote/connect.ts';
import type { Connection } from '../../../src/plan/connection.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { Fuse, managerOf, newWorld } from '../journal/fused-manager.ts';

// The way of a vGPU from a bare function to a VM and over a reboot, with the XML that mediated devices are made from.

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
const NAME = 'mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_42_00_4';
const xmlOn = (parent: string, uuid = UUID, type = 'nvidia-1155'): string =>
  `<device><parent>${parent}</parent><capability type='mdev'><type id='${type}'/><uuid>${uuid}</uuid></capability></device>`;
const GPU = 'pci_0000_42_00_0';
const domainOf = (managed = 'no'): string =>
  `<domain type='kvm'><name>vm</name><memory>1</memory><os><type arch='x86_64' machine='q35'>hvm</type></os><devices><hostdev mode='subsystem' type='pci' managed='${managed}'><source><address domain='0x0000' bus='0x42' slot='0x00' function='0x4'/></source></hostdev></devices></domain>`;

let root = '';
let connection: Connection;

beforeEach(async () => {
  root = temporaryFolder({ inMemory: true });
  makeSimulatedHost(join(root, 'host'), 'nvidia-l40s');
  connection = await connect(`sim://${join(root, 'host')}`);
});

const definitionOf = (name: string): string =>
  readFileSync(join(root, 'host/etc/virt-nodedev.d/0000:42:00.4', name), 'utf8');

it('of a GPU that is named, the first free function is taken, then the next', async () => {
  const first = await connection.create(xmlOn(GPU));
  expect(first.devices[0]?.name).toBe(NAME);
  const second = await connection.create(xmlOn(GPU, UUID.replace(/8$/, '9')));
  expect(second.devices[0]?.parent).toBe('pci_0000_42_00_5');
  await expect(connection.create(xmlOn(GPU, UUID.replace(/8$/, '7')))).rejects.toMatchObject({
    code: 'no-instances',
  });
  await expect(connection.create(xmlOn('pci_0000_42_00_4', UUID.replace(/8$/, '7'))))
    .rejects //
    .toMatchObject({ code: 'no-instances' });
});

it('of a GPU that is named, a device stays on its function', async () => {
  await connection.create(xmlOn('pci_0000_42_00_5'));
  const [defined] = await connection.define(xmlOn(GPU));
  expect(defined?.parent).toBe('pci_0000_42_00_5');
  await connection.destroy(UUID);
  const again = await connection.create(xmlOn(GPU));
  expect(again.devices[0]?.parent).toBe('pci_0000_42_00_5');
});

it('its description makes it again, and says how a VM gets it', async () => {
  await connection.create(xmlOn(GPU));
  const dump = await connection.dumpxml(UUID);
  const device = parseNodeDevice(dump);
  expect(formatHostdev(hostdevFor(device))).toBe(
    `<hostdev mode='subsystem' type='pci' managed='no'>
  <source>
    <address domain='0x0000' bus='0x42' slot='0x00' function='0x4'/>
  </source>
</hostdev>
`,
  );
  expect(qemuDeviceArguments(hostdevFor(device), { form: 'plain' })).toEqual([
    '-device',
    'vfio-pci,host=0000:42:00.4,id=hostdev0',
  ]);
  expect(() => hostdevFor(device, { managed: true })).toThrow(/loses/);
  const iommufd = hostdevFor(device, { iommufd: true, display: true, ramfb: true });
  const written = formatHostdev(iommufd);
  expect(written).toContain(
    `managed='no' display='on' ramfb='on'>\n  <driver iommufd='yes'/>\n  <source>`,
  );
  expect(parseHostdevs(written, { uuidOf: () => UUID })).toEqual([iommufd]);
  expect(qemuDeviceArguments(iommufd, { form: 'plain' })).toEqual([
    '-object',
    'iommufd,id=iommufd0',
    '-device',
    'vfio-pci-nohotplug,host=0000:42:00.4,id=hostdev0,display=on,ramfb=on,iommufd=iommufd0',
  ]);
  const mediated = { ...hostdevFor(device), function: undefined, iommufd: true };
  expect(() => formatHostdev(mediated)).toThrow(/PCI devices only/);
  expect(qemuDeviceArguments(mediated, { form: 'plain' })[3]).toContain('iommufd=iommufd0');
  expect(() => formatHostdev(hostdevFor(device), { dialect: 'thread' })).toThrow(/thread/);
  await connection.destroy(UUID);
  const again = await connection.create(dump);
  expect(again.devices[0]?.name).toBe(NAME);
});

it('in the libvirt dialect a function has no types and no device', async () => {
  const plain = await connection.dumpxml('pci_0000_42_00_4', { dialect: 'libvirt' });
  expect(plain).not.toContain('mdev');
  expect(await connection.dumpxml('pci_0000_42_00_4')).toContain("<type id='nvidia-1155'>");
  await connection.create(xmlOn(GPU));
  expect(await connection.dumpxml(UUID, { dialect: 'libvirt' })).toBe(plain);
});

it('the GPU has the types of its functions where mediated devices have theirs, in our dialects', async () => {
  const counts = async (): Promise<Readonly<Record<string, string>>> => {
    const dump = await connection.dumpxml('00000000:42:00.0');
    const [, types = ''] =
      /<\/capability>\s*<capability type='mdev_types'>(.*?)<\/capability>/su.exec(dump) ?? [];
    return Object.fromEntries(
      [
        ...types.matchAll(/<type id='(.*?)'>.*?<availableInstances>(\d+)<\/availableInstances>/gsu),
      ].map(([, id = '', free = '']) => [id, free]),
    );
  };
  // What the GPU takes, not how many functions offer it.
  expect(await counts()).toMatchObject({ 'nvidia-1155': '2', 'nvidia-1156': '1' });
  await connection.create(xmlOn(GPU));
  expect(await counts()).toMatchObject({
    'nvidia-1155': '1',
    'nvidia-1165': '1',
    'nvidia-1156': '0',
  });
  expect(await connection.dumpxml(GPU, { dialect: 'thread' })).toContain("<type id='nvidia-1155'>");
  const libvirts = await connection.dumpxml(GPU, { dialect: 'libvirt' });
  expect(libvirts).not.toContain('mdev');
  expect(libvirts).toContain(`    <capability type='virt_functions' maxCount='32'>
      <address domain='0x0000' bus='0x42' slot='0x00' function='0x4'/>
`);
  expect(
    await connection.dumpxml('pci_0000_42_00_4', { dialect: 'libvirt' }),
  ).toContain(`    <capability type='phys_function'>
      <address domain='0x0000' bus='0x42' slot='0x00' function='0x0'/>
    </capability>`);
});

it('goes into a domain once, and out again', async () => {
  await connection.create(xmlOn(GPU));
  const hostdev = hostdevFor(await connection.lookup(UUID));
  const empty = `<domain type='kvm'><name>vm</name>\n  <devices>\n  </devices>\n</domain>`;
  const once = insertHostdev(empty, hostdev);
  expect(once).toContain("type='pci' managed='no'");
  expect(insertHostdev(once, hostdev)).toBe(once);
  expect(removeHostdev(once, UUID)).toBe(once);
  expect(removeHostdev(once, UUID, { functions: { '0000:42:00.4': UUID } })).not.toContain('host');
});

it('can be what a guest boots from, as any PCI function', async () => {
  await connection.create(xmlOn(GPU));
  const hostdev = hostdevFor(await connection.lookup(UUID), { bootOrder: 1 });
  const empty = `<domain type='kvm'><name>vm</name><memory>1</memory><os><type arch='x86_64' machine='q35'>hvm</type></os>\n  <devices>\n  </devices>\n</domain>`;
  const xml = insertHostdev(empty, hostdev);
  expect(xml).toContain("<boot order='1'/>");
  expect((await connection.validate([xml]))[0]?.issues).toEqual([]);
});

it('one that a VM has open is not destroyed, and not given to another', async () => {
  await connection.create(xmlOn(GPU));
  await connection.startDomain(domainOf());
  expect((await connection.info(UUID)).owner).toMatchObject({ name: 'vm' });
  await expect(connection.destroy(UUID)).rejects.toMatchObject({ code: 'in-use' });
  const other = domainOf().replace('<name>vm', '<name>other');
  const [checked] = await connection.validate([{ text: other }]);
  expect(checked?.issues.map(({ code }) => code)).toContain('mdev-in-use');
  await connection.stopDomain('vm');
  await connection.destroy(UUID);
});

it('a domain is told of a function without a type, and of one that libvirt would manage', async () => {
  const codes = async (text: string): Promise<readonly string[]> =>
    (await connection.validate([{ text }])).flatMap(({ issues }) => issues.map(({ code }) => code));
  expect(await codes(domainOf())).toEqual(['mdev-not-active']);
  await connection.create(xmlOn(GPU));
  expect(await codes(domainOf())).toEqual([]);
  expect(await codes(domainOf('yes'))).toEqual(['hostdev-function-managed']);
});

const GENERIC = domainOf().replace('<source>', "<driver name='vfio' model='vfio-pci'/><source>");

it.each([
  [true, domainOf('yes'), 'loses its type when libvirt manages it'],
  [false, domainOf('yes'), 'loses its type when libvirt manages it'],
  [true, GENERIC, 'has its type from the driver it is bound to, and vfio-pci has none'],
])('a domain that has its function bound anew gets it nowhere: %s %s', async (active, xml, why) => {
  if (active) await connection.create(xmlOn(GPU));
  else await connection.define(xmlOn(GPU));
  const refused = { code: 'function-rebound', message: `PCI function 0000:42:00.4 ${why}` };
  const { message } = refused;
  const [checked] = await connection.validate([xml]);
  expect(checked?.issues).toContainEqual(expect.objectContaining({ message }));
  const starts = [
    () => connection.prepareDomain(xml),
    ...(active ? [() => connection.startDomain(xml)] : []),
  ];
  for (const start of starts) await expect(start()).rejects.toMatchObject(refused);
  const { refusals } = await connection.plan([xml]);
  expect(refusals).toContainEqual(expect.objectContaining(refused));
  expect((await connection.info(UUID)).owner).toBeUndefined();
  mkdirSync(join(root, 'host/etc/libvirt/qemu'), { recursive: true });
  writeFileSync(join(root, 'host/etc/libvirt/qemu/vm.xml'), xml);
  const told = (await connection.doctor()).map((issue) => issue.message).join();
  expect(told).toContain(message);
});

it.each([
  ['0x42', /42:00\.4 is not there: the virtual functions of 'pci_0000_42_00_0' are off$/],
  ['0x99', /99:00\.4 is not there$/],
])('a domain is told of a function that is not there: bus %s', async (bus, message) => {
  const folder = temporaryFolder({ inMemory: true });
  makeSimulatedHost(folder, 'nvidia-l40s-bare');
  const bare = await connect(`sim://${folder}`);
  const on = readFileSync('samples/gpu-setup.xml', 'utf8');
  await bare.apply(await bare.plan([on]));
  await bare.define(xmlOn('pci_0000_42_00_4'));
  await bare.resetHost();
  const xml = domainOf().replace('0x42', bus);
  const told = expect.objectContaining({ message: expect.stringMatching(message) });
  for (const domain of [xml, xml.replace("managed='no'", "managed='yes'")]) {
    expect((await bare.validate([domain]))[0]?.issues).toEqual([told]);
    expect((await bare.plan([domain])).refusals).toEqual([told]);
    await expect(bare.prepareDomain(domain)).rejects.toEqual(told);
    await expect(bare.startDomain(domain)).rejects.toEqual(told);
  }
  expect((await bare.plan([on, xmlOn('pci_0000_42_00_4'), domainOf()])).refusals).toEqual([]);
});

it('is defined on its function, in a file of ours, and starts there after a reboot', async () => {
  await connection.define(xmlOn(GPU), { autostart: true });
  expect(JSON.parse(definitionOf(UUID))).toEqual({
    format: 'virt-nodedev function 1',
    type: 'nvidia-1155',
    start: 'auto',
    attrs: [],
  });
  expect(readdirSync(join(root, 'host/etc'))).toEqual(['virt-nodedev.d']);
  await connection.resetHost();
  const started = await connection.startParent('pci_0000_42_00_4');
  expect(started.started.map(({ name }) => name)).toEqual([NAME]);
  await connection.resetHost();
  // Somebody else has the function: never another one instead.
  await connection.create(xmlOn('pci_0000_42_00_4', UUID.replace(/8$/, '9')));
  await expect(connection.start(UUID)).rejects.toMatchObject({ code: 'no-instances' });
  await connection.undefine(UUID);
  expect((await connection.list({ state: 'all' })).items.map(({ uuid }) => uuid))
    .not //
    .toContain(UUID);
});

describe('a domain that names a function by its address', () => {
  const OTHER = UUID.replace(/8$/, '9');
  const codesOf = async (): Promise<readonly string[]> => {
    const [checked] = await connection.validate([{ text: domainOf() }]);
    return checked?.issues.map(({ code }) => code) ?? [];
  };
  const inLibvirt = (): void => {
    mkdirSync(join(root, 'host/etc/libvirt/qemu'), { recursive: true });
    writeFileSync(join(root, 'host/etc/libvirt/qemu/vm.xml'), domainOf());
  };
  const doctorOf = async (): Promise<readonly string[]> => {
    inLibvirt();
    const issues = await connection.doctor();
    return issues.filter(({ message }) => message.includes('vm.xml')).map(({ code }) => code);
  };
  const prepare = (): Promise<unknown> => connection.prepareDomain(domainOf());

  it('gets what is on it, unless that is not what is defined on it', async () => {
    await connection.create(xmlOn(GPU));
    expect(await codesOf()).toEqual([]);
    expect(await doctorOf()).toEqual(['doctor-domain-device-transient']);
    await connection.define(xmlOn(GPU));
    expect(await doctorOf()).toEqual([]);
    // Of the same type it serves the same VM, whoever made it.
    await connection.destroy(UUID);
    await connection.create(xmlOn('pci_0000_42_00_4', OTHER));
    expect(await codesOf()).not.toContain('mdev-not-active');
    await connection.destroy(OTHER);
    await connection.create(xmlOn('pci_0000_42_00_4', OTHER, 'nvidia-1156'));
    expect(await codesOf()).toContain('mdev-not-active');
    expect(await doctorOf()).toContain('doctor-domain-cannot-start');
    const found = await connection.doctor();
    expect(found.filter(({ code }) => code === 'doctor-definition-function')).toMatchObject([
      { message: expect.stringMatching(/nvidia-1155 cannot be started.*the type nvidia-1156/u) },
    ]);
    await expect(connection.start(UUID)).rejects.toMatchObject({
      code: 'no-instances',
      hint: expect.stringContaining('The function has the type nvidia-1156 already.'),
    });
    await expect(prepare()).rejects.toMatchObject({ code: 'device-ambiguous' });
    await connection.destroy(OTHER);
    const { devices } = await connection.prepareDomain(domainOf());
    expect(devices.map(({ uuid }) => uuid)).toEqual([UUID]);
  });

  it('finds it without a type, or with another driver', async () => {
    expect(await codesOf()).toEqual(['mdev-not-active']);
    expect(await doctorOf()).toEqual(['doctor-domain-cannot-start']);
    await expect(prepare()).rejects.toMatchObject({ code: 'device-inactive' });
    const device = join(root, 'host/sys/bus/pci/devices/0000:42:00.4');
    const bound = join(root, 'host/sys/bus/pci/drivers');
    mkdirSync(join(bound, 'vfio-pci'));
    rmSync(join(bound, 'nvidia/0000:42:00.4'));
    rmSync(join(device, 'driver'));
    symlinkSync(join(bound, 'vfio-pci'), join(device, 'driver'));
    expect(await codesOf()).toEqual(['mdev-unusable']);
    expect(await doctorOf()).toEqual(['doctor-domain-cannot-start']);
    await expect(prepare()).rejects.toMatchObject({ code: 'device-unusable' });
  });
});

it('a definition of a newer format is refused by name, and stays', async () => {
  await connection.define(xmlOn(GPU));
  const file = join(root, 'host/etc/virt-nodedev.d/0000:42:00.4', UUID);
  const newer = definitionOf(UUID).replace('function 1', 'function 2');
  writeFileSync(file, newer);
  await expect(connection.start(UUID)).rejects.toMatchObject({ code: 'definition-invalid' });
  expect(definitionOf(UUID)).toBe(newer);
});

it('a removal that is refused while a VM is ending is tried again', async () => {
  const world = newWorld(new Fuse(), 'nvidia-l40s');
  const manager = managerOf(new Fuse(), world);
  await manager.create(xmlOn(GPU));
  const remove = vi.spyOn(world.host, 'remove').mockImplementationOnce(() => {
    throw new HostError('EBUSY', 'nvidia/current_vgpu_type', { mayPass: true });
  });
  await manager.destroy(UUID);
  expect(remove).toHaveBeenCalledTimes(2);
  expect(world.host.find(UUID)).toBeUndefined();
});

it.each([
  [[], 'has no type now', /took the type of its function 0000:42:00\.4/u],
  [['1147'], 'is nvidia-1147 now', /gave its function 0000:42:00\.4 the type nvidia-1147/u],
])('a function that another program changed is told as such: 0 %s', async (more, now, hint) => {
  const world = newWorld(new Fuse(), 'nvidia-l40s');
  const manager = managerOf(new Fuse(), world);
  await manager.create(xmlOn(GPU).replace('<device>', '<device><name>first</name>'));
  const path = world.host.find(UUID)?.path ?? '';
  for (const words of ['0', ...more]) world.host.write(`${path}/nvidia/current_vgpu_type`, words);
  for (const name of [UUID, NAME, 'first']) {
    const refused = expect.objectContaining({
      code: 'device-unknown',
      hint: expect.stringMatching(hint),
    });
    await expect(manager.destroy(name)).rejects.toEqual(refused);
    await expect(manager.info(name)).rejects.toEqual(refused);
    await expect(manager.lookup(name)).rejects.toEqual(refused);
  }
  const found = await manager.doctor();
  expect(found.find(({ code }) => code === 'doctor-function-changed')?.message).toContain(now);
  // It is left to who has it now.
  expect((await manager.gc({ olderThan: 0 })).forgotten).toEqual([NAME]);
  expect(world.host.devices().items.map(({ type }) => type)).toEqual(
    more.map((number) => `nvidia-${number}`),
  );
  expect((await manager.doctor()).map(({ code }) => code)).not.toContain('doctor-function-changed');
});

it.each(['0', '1165'])(
  'one whose function another program gave %s is made again by its document',
  async (type) => {
    await connection.create(xmlOn(GPU));
    const file = join(root, 'host/sys/bus/pci/devices/0000:42:00.4/nvidia/current_vgpu_type');
    writeFileSync(file, `${type}\n`);
    await expect(connection.dumpxml(UUID)).rejects.toMatchObject({ code: 'device-unknown' });
    await connection.create(xmlOn(GPU));
    expect(await connection.dumpxml(UUID)).toContain(UUID);
    expect(await connection.destroy(UUID)).toMatchObject({});
  },
);

it('its attributes have their plain names, too', async () => {
  const xml = (name: string): string =>
    xmlOn('pci_0000_42_00_4').replace('</uuid>', `</uuid><attr name='${name}' value='0'/>`);
  const created = await connection.create(xml('placement_id'));
  expect(created.devices[0]?.name).toBe(NAME);
  expect(await connection.dumpxml(UUID)).toContain("placement_id' value='0'");
  await connection.destroy(UUID);
  await connection.define(xml('placement_id'));
  expect(definitionOf(UUID)).toContain('nvidia/placement_id');
  await connection.start(UUID);
  await connection.destroy(UUID);
  await connection.undefine(UUID);
  await expect(connection.create(xml('placement'))).rejects.toMatchObject({
    message: expect.stringContaining('no such attribute'),
  });
});

it.each([
  ['nvidia-1145', true],
  ['nvidia-1146', false],
])('of %s, whose number may be more than the functions, that is said: %s', async (type, isMore) => {
  const [why] = (await connection.explain(type, 'pci_0000_42_00_4')).items;
  expect(why?.rule.includes('it has 32 functions for them')).toBe(isMore);
});

describe('a function that the rules do not explain', () => {
  const fileOf = (slot: string, name: string): string =>
    join(root, `host/sys/bus/pci/devices/0000:42:${slot}/nvidia/${name}`);
  const freeOf = async (id: string): Promise<unknown> => {
    const { cards } = await connection.topology();
    const type = cards[0]?.types.find((one) => one.id === id);
    return type && [type.free, type.confidence];
  };

  it.each([
    ['a list with a header only', '04.3'],
    ['that of the first function', '00.4'],
  ])('%s leaves the limits of the GPU: the function is left out, and named', async (_, slot) => {
    const before = await freeOf('nvidia-1156');
    writeFileSync(fileOf(slot, 'creatable_vgpu_types'), 'ID    : vGPU Name\n');
    expect(await freeOf('nvidia-1156')).toEqual(before);
    expect(await freeOf('nvidia-1155')).toEqual([2, expect.any(String)]);
    expect((await connection.place([{ type: 'L40S-48Q' }])).fits).toBe(true);
    expect((await connection.place([{ type: 'L40S-48Q', count: 2 }])).fits).toBe(false);
    const name = `pci_0000_42_${slot.replace('.', '_')}`;
    const found = (await connection.doctor()).filter(
      ({ code }) => code === 'doctor-parent-blocked',
    );
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining(`${name}:`)]);
    const [why] = (await connection.explain('nvidia-1155', name)).items;
    expect(why).toMatchObject({ available: 0 });
    expect(why?.maximum).toBeUndefined();
    expect(why?.rule).toContain('do not explain');
  });

  it.each(['abc\n', '', '-1\n'])(
    'a type that is %j is told once, and the others go on',
    async (text) => {
      writeFileSync(fileOf('00.5', 'current_vgpu_type'), text);
      const path = expect.stringMatching(/0000:42:00\.5\/nvidia\/current_vgpu_type: EBADMSG$/);
      expect(await freeOf('nvidia-1155')).toEqual([2, expect.any(String)]);
      const { problems } = await connection.types();
      expect(problems.map(({ message }) => message)).toEqual([path]);
      const warnings = (await connection.doctor()).filter(({ severity }) => severity === 'warning');
      expect(warnings.map(({ message }) => message)).toEqual([path]);
      expect((await connection.place([{ type: 'L40S-24Q', count: 2 }])).fits).toBe(true);
      await connection.create(xmlOn(GPU));
      const second = await connection.create(xmlOn(GPU, UUID.replace(/8$/, '9')));
      expect(second.devices[0]?.parent).toBe('pci_0000_42_00_6');
      await connection.destroy(UUID);
    },
  );

  it('lists that offer too much are bounded by the number of the type and by the framebuffer', async () => {
    writeFileSync(fileOf('00.4', 'current_vgpu_type'), '1165\n');
    expect(await freeOf('nvidia-1155')).toEqual([1, 'upper-bound']);
    expect(await freeOf('nvidia-1156')).toEqual([0, 'exact']);
    expect(await freeOf('nvidia-1147')).toEqual([24, 'upper-bound']);
    expect((await connection.place([{ type: 'L40S-24Q' }])).fits).toBe(true);
    expect((await connection.place([{ type: 'L40S-24Q', count: 2 }])).fits).toBe(false);
  });
});
