import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostError, type HostEvent } from '../../../src/host/host.ts';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { openSimulatedHost, simulatedHostOn } from '../../../src/host/simulated/open.ts';
import { plugIn, profileDevices, takeOut } from '../../../src/host/simulated/plug.ts';
import { sampleProfiles } from '../../../src/host/simulated/samples.ts';
import { diskHost, memoryHost } from '../support/hosts.ts';
import { FaultyTree, failed } from '../support/faulty-tree.ts';
import { linesOf } from '../support/trees.ts';

type What = 'device' | 'driver';

const named = (host: SimulatedHost, name: string) => {
  const found = host.change(profileDevices).find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};
const out = (
  host: SimulatedHost,
  name: string,
  what: What = 'device',
  used: 'refuse' | 'take' | 'wait' = 'refuse',
) =>
  host
    .change((simulation) => takeOut(simulation, named(host, name), what, used))
    .map((one) => one.name);
const back = (host: SimulatedHost, name: string, what: What = 'device') =>
  host.change((simulation) => plugIn(simulation, named(host, name), what)).map((one) => one.name);

const UUID = '00000000-1111-4222-8333-000000000001';
const create = (host: SimulatedHost, address: string, type: string, uuid = UUID): void => {
  const parent = host.parent(address);
  if (parent === undefined) throw new Error(address);
  host.create(parent, type, uuid);
};
const errnoOf = (act: () => unknown): string | undefined => {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof HostError) return error.errno;
    throw error;
  }
};
/** All files, and what `uevent` of each device says. */
const treeOf = (host: SimulatedHost): string[] =>
  host.change((simulation) => [
    ...linesOf(simulation.tree),
    ...profileDevices(simulation)
      .map(({ path }) => `${path}/uevent`)
      .filter((file) => simulation.tree.kind(file) === 'file') // functions may be off
      .map((file) => simulation.tree.read(file)),
  ]);

describe.each(sampleProfiles())('every device of %s', (profile) => {
  const host = memoryHost(profile);
  const before = treeOf(host);
  // Functions may be off.
  const devices = host.change((simulation) =>
    profileDevices(simulation).filter(({ path }) => simulation.tree.kind(path) !== undefined),
  );
  const some = devices.filter((_, index) => index % Math.ceil(devices.length / 8) === 0);
  it.each(some.map(({ name }) => name ?? ''))('%s leaves nothing, and comes back', (name) => {
    const { path } = named(host, name);
    const went = out(host, name);
    expect(went).toContain(name);
    const left = host.change(({ tree }) => linesOf(tree));
    const isOurs = (line: string): boolean => !line.startsWith('/sim/') && line.includes(path);
    expect(left.filter(isOurs)).toEqual([]);
    expect(errnoOf(() => out(host, name))).toBe('ENODEV');
    expect(back(host, name)).toEqual(went);
    expect(errnoOf(() => back(host, name))).toBe('EEXIST');
    expect(treeOf(host)).toEqual(before);
  });
  it.each(
    host
      .parents()
      .items.slice(-4)
      .map(({ address }) => address),
  )('%s without driver', (address) => {
    const path = host.parent(address)?.path;
    const name = devices.find((one) => one.path === path)?.name ?? '';
    out(host, name, 'driver');
    expect(host.parent(address)).toBeUndefined();
    expect(errnoOf(() => out(host, name, 'driver'))).toBe('ENODEV');
    back(host, name, 'driver');
    expect(host.parent(address)).toBeDefined();
    expect(errnoOf(() => back(host, name, 'driver'))).toBe('EEXIST');
    expect(treeOf(host)).toEqual(before);
  });
});

describe.each(['nvidia-a40', 'nvidia-a100-mig', 'nvidia-l40s', 'nvidia-l40s-bare'])(
  'a physical function of %s without its driver',
  (profile) => {
    const physicalIn = (host: SimulatedHost) =>
      host
        .change(profileDevices)
        .find(({ capabilities }) =>
          capabilities.some(
            (one) =>
              one.kind === 'pci' && one.capabilities.some(({ kind }) => kind === 'virt_functions'),
          ),
        );

    it('has no virtual functions, and has those again that were on', () => {
      const host = memoryHost(profile);
      const before = treeOf(host);
      const { name = '', path = '' } = physicalIn(host) ?? {};
      const parents = host.parents().items.length;
      const numvfs = (): number =>
        host.change(({ tree }) => Number(tree.read(`${path}/sriov_numvfs`)));
      expect(numvfs()).toBe(parents);
      expect(out(host, name, 'driver')).toHaveLength(parents + 1);
      const driver = (): unknown => host.change(({ tree }) => tree.kind(`${path}/driver`));
      expect([host.parents().items, numvfs(), driver()]).toEqual([[], 0, undefined]);
      expect(back(host, name, 'driver')).toHaveLength(parents + 1);
      expect([numvfs(), treeOf(host)]).toEqual([parents, before]);
    });

    it('is refused while one of them is in use, and they cannot come without it', () => {
      const host = memoryHost(profile);
      const { name = '' } = physicalIn(host) ?? {};
      const [parent] = host.parents().items;
      const type = parent && host.types(parent).items.find((one) => one.availableInstances > 0);
      // Those of a bare one are off.
      if (parent === undefined || type === undefined) return;
      host.create(parent, type.id, UUID);
      const [device] = host.devices().items;
      host.open(device === undefined ? [] : [device], { domain: 'vm' });
      expect(errnoOf(() => out(host, name, 'driver'))).toBe('EBUSY');
      host.close({ domain: 'vm' });
      out(host, name, 'driver');
      const virtual = host.change(profileDevices).find(({ path }) => path === parent.path)?.name;
      expect(errnoOf(() => back(host, virtual ?? ''))).toBe('ENODEV');
    });
  },
);

describe.each(['disk', 'memory'])('a GPU that leaves, on a host %s', (kind) => {
  const make = (): SimulatedHost =>
    kind === 'disk' ? diskHost('nvidia-m60').host : memoryHost('nvidia-m60');
  const GPU = 'pci_0000_86_00_0';
  const ADDRESS = '0000:86:00.0';

  it.each<What>(['device', 'driver'])('takes its unused devices along (%s)', (what) => {
    const host = make();
    create(host, ADDRESS, 'nvidia-18');
    out(host, GPU, what);
    expect(host.devices().items).toEqual([]);
    expect(host.hasDevice(ADDRESS)).toBe(what === 'driver');
    back(host, GPU, what);
    const parent = host.parent(ADDRESS);
    expect(parent && host.type(parent, 'nvidia-18')?.availableInstances).toBe(4);
    create(host, ADDRESS, 'nvidia-18');
    expect(parent && host.type(parent, 'nvidia-18')?.availableInstances).toBe(3);
  });

  it('is refused while a VM has a device open, or takes it, or waits and creates nothing', () => {
    const host = make();
    create(host, ADDRESS, 'nvidia-18');
    create(host, ADDRESS, 'nvidia-18', UUID.replace(/1$/, '2'));
    const held = host.find(UUID);
    if (held === undefined) throw new Error('no device');
    host.open([held], { domain: 'vm' });
    expect(errnoOf(() => out(host, GPU))).toBe('EBUSY');
    expect(host.devices().items).toHaveLength(2);
    out(host, GPU, 'driver', 'wait');
    expect(host.devices().items.map(({ ref }) => ref.uuid)).toEqual([UUID]);
    expect(errnoOf(() => create(host, ADDRESS, 'nvidia-18', UUID.replace(/1$/, '3')))).toBe(
      'ENODEV',
    );
    expect(errnoOf(() => back(host, GPU, 'driver'))).toBe('EBUSY');
    expect(host.isChanging()).toBe(false);
    host.close({ domain: 'vm' });
    expect(host.parent(ADDRESS)).toBeUndefined();
    expect(host.devices().items).toEqual([]);
    back(host, GPU, 'driver');
    create(host, ADDRESS, 'nvidia-18');
    const again = host.find(UUID);
    if (again === undefined) throw new Error('no device');
    host.open([again], { domain: 'vm' });
    out(host, GPU, 'device', 'take');
    expect(host.devices().items).toEqual([]);
    expect(host.hasDevice(ADDRESS)).toBe(false);
  });

  it('tells listeners once of each: devices, then the parent', async () => {
    const host = make();
    const events: HostEvent[] = [];
    const stop = new AbortController();
    host.watch((event) => events.push(event), stop.signal);
    create(host, ADDRESS, 'nvidia-18');
    out(host, GPU);
    back(host, GPU);
    const wanted = [`add ${UUID}`, `remove ${UUID}`, 'remove ', 'add '];
    const heard = () => events.map(({ action, uuid = '' }) => `${action} ${uuid}`);
    await expect.poll(heard, { timeout: 60_000 }).toEqual(wanted);
    stop.abort();
  });
});

it('a function goes and comes with the driver, and its events tell so', async () => {
  const { host, dispose } = diskHost('nvidia-l40s');
  const [parent] = host.parents().items;
  const name = host.change(profileDevices).find(({ path }) => path === parent?.path)?.name ?? '';
  const events: string[] = [];
  const stop = new AbortController();
  host.watch(({ action, parent: at }) => events.push(`${action} ${at}`), stop.signal);
  out(host, name, 'driver');
  back(host, name, 'driver');
  await expect
    .poll(() => events, { timeout: 60_000 })
    .toEqual([`remove ${parent?.address}`, `add ${parent?.address}`]);
  stop.abort();
  dispose();
});

it("a class's device comes and goes with the uevents of Linux 6.1", () => {
  const { host, dispose } = diskHost('kernel-samples');
  out(host, 'mtty_mtty');
  back(host, 'mtty_mtty');
  const log = readFileSync(join(host.root ?? '', 'sim/uevents.log'), 'utf8');
  dispose();
  const lines = log.match(/^(?:\w+@.*|MDEV_STATE=.*)$/gm);
  // The order of `modprobe mtty` is that of the capture; its reverse was seen with `rmmod`.
  expect(lines).toEqual([
    'change@/devices/virtual/mtty/mtty',
    'MDEV_STATE=unregistered',
    'remove@/devices/virtual/mtty/mtty',
    'add@/devices/virtual/mtty/mtty',
    'change@/devices/virtual/mtty/mtty',
    'MDEV_STATE=registered',
  ]);
});

/** Whether a device or parent is there, as the last uevent in a host's log says of it. */
function told(host: SimulatedHost): ReadonlyMap<string, boolean> {
  const log = readFileSync(join(host.root ?? '', 'sim/uevents.log'), 'utf8');
  const known = new Map<string, boolean>();
  for (const record of log.split('\n\n')) {
    const [, action = '', path = ''] = /^(\w+)@(.*)$/m.exec(record) ?? [];
    const state = /MDEV_STATE=(\w+)/.exec(record)?.[1];
    const isMdev = path.endsWith(UUID);
    if (state !== undefined) known.set(path, state === 'registered');
    if (isMdev && (action === 'bind' || action === 'remove')) known.set(path, action === 'bind');
  }
  return known;
}

/** What was moved aside, or not yet in its place, is for nobody, and goes with the next change. */
const ASIDE = '/sim/discarded/l'; // `left`, `list`

interface Change {
  readonly name: string;
  readonly profile: string;
  readonly address: string;
  readonly type: string;
  readonly device: string;
  readonly what: What;
  readonly way: 'out' | 'in';
}

const M60 = {
  profile: 'nvidia-m60',
  address: '0000:86:00.0',
  type: 'nvidia-18',
  device: 'pci_0000_86_00_0',
};
const MTTY = { profile: 'kernel-samples', address: 'mtty', type: 'mtty-1', device: 'mtty_mtty' };
const CHANGES: readonly Change[] = [
  { ...M60, name: 'unbinding', what: 'driver', way: 'out' },
  { ...M60, name: 'binding', what: 'driver', way: 'in' },
  { ...MTTY, name: 'unplugging', what: 'device', way: 'out' },
  { ...MTTY, name: 'plugging in', what: 'device', way: 'in' },
];

describe.each(CHANGES)('$name', ({ profile, address, type, device, what, way }) => {
  it.each(['dies', 'fails', 'fails late'] as const)(
    'that %s is gone on with or taken back by who comes next, and listeners know what is there',
    (fault) => {
      const { host, dispose } = diskHost(profile);
      const tree = new FaultyTree(host.root ?? '');
      const prepare = (): void => {
        if (host.parent(address) === undefined) back(host, device, what);
        if (way === 'in') out(host, device, what);
        else if (host.find(UUID) === undefined) create(host, address, type);
      };
      const run = (on: SimulatedHost): unknown =>
        way === 'in' ? back(on, device, what) : out(on, device, what);
      prepare();
      const before = linesOf(tree);
      run(host);
      const whole = linesOf(tree);
      prepare();
      const outcomes = new Set<string>();
      for (let step = 0, isOver = false; !isOver; step += 1) {
        Object.assign(tree, { fault, left: step });
        const isFailed = failed(() => run(simulatedHostOn(tree)));
        isOver = tree.left >= 0;
        tree.left = Number.POSITIVE_INFINITY;
        const next = openSimulatedHost(host.root ?? '');
        next.repair();
        expect(next.isChanging()).toBe(false);
        const found = linesOf(tree).filter((line) => !line.startsWith(ASIDE));
        const isBeforeOrWhole = [before, whole].some((one) => one.join() === found.join());
        expect(isBeforeOrWhole ? [] : found).toEqual(isBeforeOrWhole ? [] : before);
        const isBefore = found.join('\n') === before.join('\n');
        expect(fault === 'dies' || isBefore === isFailed).toBe(true);
        const here = new Set([host.find(UUID)?.path, host.parent(address)?.path]);
        const known = [...told(host)];
        expect(known).toEqual(known.map(([path]) => [path, here.has(`/sys${path}`)]));
        outcomes.add(isBefore ? 'not at all' : 'whole');
        prepare();
      }
      expect(outcomes).toEqual(new Set(['whole', 'not at all']));
      dispose();
    },
  );
});

it("the module of the kernel's samples takes along what it made, as rmmod does", () => {
  const host = memoryHost('kernel-samples');
  const all = [
    '/sys/devices/virtual/mtty',
    '/sys/class/mtty',
    '/sys/bus/mdev/drivers/mtty',
    '/sys/module/mtty',
    '/sys/class/mdev_bus/mtty',
  ];
  const kept = ['/sys/class/mdev_bus', '/sys/module/mdev', '/sys/class/mdpy', '/sys/module/mdpy'];
  const there = (paths: readonly string[]): readonly string[] =>
    host.change(({ tree }) => paths.filter((path) => tree.kind(path) !== undefined));
  const before = treeOf(host);
  out(host, 'mtty_mtty');
  expect([there(all), there(kept)]).toEqual([[], kept]);
  back(host, 'mtty_mtty');
  expect([there(all), treeOf(host)]).toEqual([all, before]);
});
