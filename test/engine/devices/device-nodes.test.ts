import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { connect, type Issue, NodedevError } from '../../../src/index.ts';
import type { NodeDeviceManager } from '../../../src/engine/node-device-manager.ts';
import { DiskTree } from '../../../src/host/disk-tree.ts';
import { HostError } from '../../../src/host/host.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import { SysfsHost } from '../../../src/host/sysfs/host.ts';
import { run } from '../../cli/run.ts';
import { diskHost, withKernel, withSetting } from '../../host/support/hosts.ts';
import { deviceXml, domainXml, present, uuidOf } from '../ownership/support.ts';

const A = uuidOf(1);
const GROUP = '/dev/vfio/0';
const OWN = '/dev/vfio/devices/vfio0';

/** A host of Linux 6.12 whose devices are opened by these files, with one device. */
async function hostWith(nodes: string, profile = 'nvidia-m60', xml = deviceXml(A)) {
  const { host, dispose } = diskHost(
    withSetting(withKernel(readSampleProfile(profile), '6.12'), 'device-nodes', nodes),
  );
  onTestFinished(dispose);
  const folder = present(host.root);
  const manager = await connect(`sim://${folder}`);
  onTestFinished(() => manager.close());
  await manager.create(xml);
  return { folder, host, manager, device: present(host.find(A)) };
}

const issuesOf = async (manager: NodeDeviceManager, domain: string): Promise<readonly Issue[]> =>
  (await manager.validate(domain)).flatMap(({ issues }) => issues);

/** Whether a call fails because the device is in use. */
function isRefused(call: () => void): boolean {
  try {
    call();
    return false;
  } catch (error) {
    if (error instanceof HostError && error.errno === 'EBUSY') return true;
    throw error;
  }
}

/** `done`, or the code of the refusal. */
const outcomeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: unknown) => (error instanceof NodedevError ? error.code : String(error)),
  );

interface Expected {
  readonly files: readonly string[];
  readonly iommuGroup: boolean;
  /** What keeps a domain of libvirt's from having it. */
  readonly domain: string | undefined;
  readonly doctor: string | undefined;
  /** What `hostdev --qemu` prints: whether iommufd is in it, or why it is refused; the same with each option. */
  readonly qemu: boolean | string;
  readonly iommufd: boolean | string;
  readonly allowed: boolean | string;
}

const NO_GROUP = 'it has no file of its IOMMU group, only one of its own in /dev/vfio/devices';
const TABLE: Readonly<Record<string, Expected>> = {
  both: {
    files: [GROUP, OWN],
    iommuGroup: true,
    domain: undefined,
    doctor: undefined,
    qemu: false,
    iommufd: true,
    allowed: true,
  },
  group: {
    files: [GROUP],
    iommuGroup: true,
    domain: undefined,
    doctor: undefined,
    qemu: false,
    iommufd: 'has no file of its own in /dev/vfio/devices, so that iommufd cannot open it',
    allowed: false,
  },
  device: {
    files: [OWN],
    iommuGroup: false,
    domain: NO_GROUP,
    doctor: NO_GROUP,
    qemu: 'has no file of its IOMMU group: only iommufd opens it',
    iommufd: true,
    allowed: true,
  },
};

describe.each(Object.entries(TABLE))('a device with these files: %s', (nodes, expected) => {
  it('is shown with them', async () => {
    const { manager, device } = await hostWith(nodes);
    expect((await manager.info(device.ref.uuid)).deviceNodes).toEqual(expected.files);
    const xml = await manager.dumpxml(A);
    // libvirt asks udev for the mdev's own node, and it has none.
    expect(xml).not.toContain('<devnode');
    expect(xml.includes('<iommuGroup')).toBe(expected.iommuGroup);
  });

  it('is given to a domain, checked and examined by them', async () => {
    const { manager } = await hostWith(nodes);
    const domain = domainXml('vm1', [A]);
    const issues = await issuesOf(manager, domain);
    const wrong = issues.filter(({ code }) => code === 'mdev-unusable');
    expect(wrong.map(({ message }) => message)).toEqual(
      expected.domain === undefined
        ? []
        : [`no VM can open mediated device ${A}: ${expected.domain}`],
    );
    const unusable = (await manager.doctor()).filter(
      ({ code }) => code === 'doctor-device-unusable',
    );
    expect(unusable.map(({ message }) => message.split(`${A}: `)[1])).toEqual(
      expected.doctor === undefined ? [] : [expected.doctor],
    );
    const isGiven = expected.domain === undefined;
    expect(await outcomeOf(manager.startDomain(domain))).toBe(isGiven ? 'done' : 'device-unusable');
    expect(await outcomeOf(manager.destroy(A))).toBe(isGiven ? 'in-use' : 'done');
  });

  it.each([
    ['qemu', []],
    ['iommufd', ['--iommufd']],
    ['allowed', ['--iommufd', '--allow-group']],
  ] as const)('in QEMU arguments: %s', async (name, options) => {
    const { folder } = await hostWith(nodes);
    const words = ['-c', `sim://${folder}`, 'hostdev', A, '--qemu', ...options];
    const { stdout, stderr, code } = await run(words, { connect });
    const wanted = expected[name];
    expect(code).toBe(typeof wanted === 'string' ? 1 : 0);
    const isIommufd = wanted === true;
    expect(stdout.includes('"iommufd":"iommufd0"')).toBe(isIommufd);
    expect(stdout.includes(`-object '{"qom-type":"iommufd","id":"iommufd0"}'`)).toBe(isIommufd);
    const fellBack = name === 'allowed' && wanted === false;
    const said = fellBack ? 'the file of its IOMMU group is used, without iommufd' : wanted;
    expect(stderr).toContain(typeof said === 'string' ? said : '');
    expect(stderr === '').toBe(typeof said !== 'string');
  });

  it('is open once, whichever file it is opened by', async () => {
    const { host, device } = await hostWith(nodes);
    host.open([device], { domain: 'vm1' });
    for (const holder of [{ domain: 'vm1' }, { domain: 'vm2' }, { pid: 1, servedBy: 1 }]) {
      expect(() => host.open([device], holder)).toThrow(`EBUSY: ${expected.files[0] ?? ''}`);
    }
    expect(() => host.remove(device)).toThrow(/^EBUSY/);
  });

  it.each(expected.files)('whose file %s keeps its owner out is reported', async (file) => {
    const { folder, manager } = await hostWith(nodes);
    chmodSync(join(folder, file), 0);
    const messages = (await manager.doctor())
      .filter(({ code }) => code === 'doctor-device-unusable')
      .map(({ message }) => message);
    const how = file === OWN ? ' through iommufd' : '';
    expect(messages).toContain(
      `no VM can open mediated device ${A}${how}: the mode of its file below /dev/vfio keeps its owner out`,
    );
    expect(messages).toHaveLength(expected.doctor === undefined ? 1 : 2);
  });
});

describe('a real host, where another program holds a device', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const HELD: readonly (readonly [string, string | undefined, boolean])[] = Object.entries(
    TABLE,
  ).flatMap(([nodes, { files }]) => [
    [nodes, undefined, false],
    ...files.map((file) => [nodes, file, true] as const),
  ]);
  it.each(HELD)('with the files %s, held by %s: %s', async (nodes, file, isHeld) => {
    const { folder } = await hostWith(nodes);
    const real = new SysfsHost(folder);
    const process = join(folder, 'proc/77');
    mkdirSync(join(process, 'fd'), { recursive: true });
    writeFileSync(join(process, 'comm'), 'qemu-system-x86\n');
    if (file !== undefined) symlinkSync(file, join(process, 'fd/9'));
    symlinkSync('/dev/vfio/vfio', join(process, 'fd/8'));
    // The kernel's answer for a group that is open, or whose device is (drivers/vfio/group.c).
    vi.spyOn(DiskTree.prototype, 'probe').mockImplementation((path) => {
      if (isHeld && path === GROUP) throw new HostError('EBUSY', path);
    });
    const device = present(real.find(A));
    const holders = isHeld ? [{ pid: 77, command: 'qemu-system-x86', domain: undefined }] : [];
    const seen = real.holders(device).map((one) => ({ ...one, command: one.command?.trim() }));
    expect(seen).toEqual(holders);
    vi.spyOn(real, 'write').mockReturnValue();
    expect(isRefused(() => real.remove(device))).toBe(isHeld);
  });
});

describe('a function with a type', () => {
  const xml = `<device><parent>pci_0000_42_00_4</parent><capability type='mdev'><type id='nvidia-1155'/><uuid>${A}</uuid></capability></device>`;
  const domain = (driver: string): string =>
    `<domain type='kvm'><name>vm1</name><devices><hostdev mode='subsystem' type='pci' managed='no'>${driver}<source>
      <address domain='0x0000' bus='0x42' slot='0x00' function='0x4'/></source></hostdev></devices></domain>`;
  const NO_OWN = 'it has no file of its own in /dev/vfio/devices, by which iommufd opens it';

  it.each([
    ['both', '', undefined],
    ['both', "<driver iommufd='yes'/>", undefined],
    ['group', '', undefined],
    ['group', "<driver iommufd='yes'/>", NO_OWN],
    ['group', "<driver iommufd='no'/>", undefined],
    ['device', '', NO_GROUP],
    ['device', "<driver iommufd='yes'/>", undefined],
  ])('with the files %s in a domain with %j: %s', async (nodes, driver, problem) => {
    const { manager, device, host } = await hostWith(nodes, 'nvidia-l40s', xml);
    const unusable = (await issuesOf(manager, domain(driver))).filter(
      ({ code }) => code === 'mdev-unusable',
    );
    expect(unusable.map(({ message }) => message.split(': ')[1])).toEqual(
      problem === undefined ? [] : [problem],
    );
    // libvirt has iommufd for it, so that one kind of files is enough.
    expect((await manager.doctor()).map(({ code }) => code)).not.toContain(
      'doctor-device-unusable',
    );
    const isGiven = problem === undefined;
    const outcome = await outcomeOf(manager.startDomain(domain(driver)));
    expect(outcome).toBe(isGiven ? 'done' : 'device-unusable');
    expect(host.holders(device)).toMatchObject(isGiven ? [{ domain: 'vm1' }] : []);
  });
});
