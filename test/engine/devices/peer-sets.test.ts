import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../../src/index.ts';
import { HostError } from '../../../src/host/host.ts';
import { PEER_UUID } from '../../../src/host/peer-to-peer.ts';
import { DRIVER_CALLS, OPEN } from '../../../src/host/simulated/paths.ts';
import { openSimulatedHost } from '../../../src/host/simulated/open.ts';
import { run } from '../../cli/run.ts';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { diskHost } from '../../host/support/hosts.ts';
import { Fuse, managerOf, newWorld } from '../journal/fused-manager.ts';
import { operationsOn, PEERS, peersOf, stateOf } from '../journal/operations.ts';
import { deviceXml, domainXml, present, uuidOf } from '../ownership/support.ts';

const [A, B, C] = [uuidOf(1), uuidOf(2), uuidOf(3)];
const SET = '11111111-2222-4333-8444-555555555555';

async function hostWith(profile = PEERS.profile, layout?: 'v7') {
  const { host, dispose } = diskHost(profile, layout);
  onTestFinished(dispose);
  const folder = present(host.root);
  const manager = await connect(`sim://${folder}`);
  onTestFinished(() => manager.close());
  return { folder, host, manager };
}

const onOther = (xml: string): string => xml.replace('pci_0000_86_00_0', 'pci_0000_87_00_0');
const inGroup = (uuid: string): string => deviceXml(uuid, 'g');

/** Uuids by set. */
function setsOf(peers: Readonly<Record<string, string>>): readonly string[] {
  const sets = Object.entries(peers).map(([, set]) =>
    Object.keys(peers)
      .filter((uuid) => peers[uuid] === set)
      .toSorted()
      .join(' '),
  );
  return [...new Set(sets)].toSorted();
}

describe('the kernel', () => {
  it('has the files where the card has the setting, and else none', async () => {
    for (const [profile, has] of [
      [PEERS.profile, true],
      ['nvidia-m60', false],
    ] as const) {
      const { host, manager } = await hostWith(profile);
      await manager.create(inGroup(A));
      await manager.create(inGroup(B));
      const device = present(host.find(A));
      expect(host.details(device).attributes.includes(PEER_UUID)).toBe(has);
      const type = present(host.type(present(host.parent(device.ref.parent)), device.type));
      const files = (type.files ?? []).map(({ name, value }) => `${name}=${value}`);
      expect(files).toEqual(has ? ['requires_group=yes'] : []);
      const { committed } = await manager.group('g');
      expect(committed).toBe(has ? false : undefined);
      const xml = await manager.dumpxml(device.ref.parent, { dialect: 'extended' });
      expect(xml.match(/requires_group/gu)?.length ?? 0).toBe(
        has ? host.types(present(host.parent(device.ref.parent))).items.length : 0,
      );
      expect(await manager.dumpxml(A)).not.toContain(PEER_UUID);
    }
  });

  it('takes a uuid until one of the set is open', async () => {
    const { host } = await hostWith();
    const parent = present(host.parent('0000:86:00.0'));
    for (const uuid of [A, B, C]) host.create(parent, 'nvidia-18', uuid);
    const [a, b, c] = [A, B, C].map((uuid) => present(host.find(uuid)));
    const put = (device: typeof a, words: string): string | undefined => {
      try {
        host.setAttribute(present(device), PEER_UUID, words);
        return undefined;
      } catch (error) {
        if (error instanceof HostError) return error.errno;
        throw error;
      }
    };
    const random = Object.values(peersOf(host));
    expect(new Set(random).size).toBe(3);
    for (const words of ['x', SET.slice(1), `${SET}x`, '']) {
      expect(put(a, words)).toBe(words === '' ? undefined : 'EINVAL');
    }
    expect(Object.values(peersOf(host))).toEqual(random);
    expect([put(a, SET.toUpperCase()), put(b, SET)]).toEqual([undefined, undefined]);
    expect(peersOf(host)).toMatchObject({ [A]: SET, [B]: SET });
    host.open([present(a)], { domain: 'vm1' });
    // Itself, another of the set, and one that would join it.
    expect([put(a, C), put(b, C), put(c, SET)]).toEqual(['EBUSY', 'EBUSY', 'EBUSY']);
    expect(put(c, C)).toBeUndefined();
    host.close({ domain: 'vm1' });
    expect(put(c, SET)).toBeUndefined();
  });
});

describe('a group', () => {
  it.each([undefined, 'v7' as const])(
    'has one set on each card, and who leaves has a fresh one: layout %s',
    async (layout) => {
      const { host, manager } = await hostWith(PEERS.profile, layout);
      await manager.create(inGroup(A));
      await manager.create([inGroup(B), onOther(inGroup(C))]);
      expect(setsOf(peersOf(host))).toEqual([`${A} ${B}`, C]);
      const before = peersOf(host);
      await manager.create(onOther(deviceXml(uuidOf(4), 'g')));
      await manager.create(deviceXml(uuidOf(5), 'h'));
      expect(setsOf(peersOf(host))).toEqual([`${A} ${B}`, `${C} ${uuidOf(4)}`, uuidOf(5)]);
      await manager.removeFromGroup('g', [B]);
      expect(setsOf(peersOf(host))).toEqual([A, B, `${C} ${uuidOf(4)}`, uuidOf(5)]);
      expect(peersOf(host)[B]).not.toBe(before[B]);
      expect(peersOf(host)[A]).toBe(before[A]);
      await manager.addToGroup('h', [A, B, C]);
      expect(setsOf(peersOf(host))).toEqual([`${A} ${B} ${uuidOf(5)}`, C, uuidOf(4)]);
      expect(peersOf(host)[C]).not.toBe(before[C]);
      await manager.createGroup('i', [A, B]);
      expect(setsOf(peersOf(host))).toEqual([`${A} ${B}`, C, uuidOf(4), uuidOf(5)]);
    },
  );

  it('commits its resources at the first open and frees them at the last close', async () => {
    const { folder, host, manager } = await hostWith();
    await manager.create([inGroup(A), inGroup(B), onOther(inGroup(C))]);
    const [one, other] = [peersOf(host)[A], peersOf(host)[C]];
    const calls = (): readonly string[] =>
      readFileSync(join(folder, DRIVER_CALLS), 'utf8').trimEnd().split('\n');
    await manager.startDomain(domainXml('vm1', [A, B, C]));
    expect(calls()).toEqual([`commit 0000:86:00.0 ${one}`, `commit 0000:87:00.0 ${other}`]);
    expect((await manager.group('g')).committed).toBe(true);
    const shown = await run(['-c', `sim://${folder}`, 'group', 'show', 'g'], { connect });
    expect(shown.stdout).toMatch(/^Committed: +yes$/mu);
    await manager.stopDomain('vm1');
    expect(calls().slice(2)).toEqual([`free 0000:86:00.0 ${one}`, `free 0000:87:00.0 ${other}`]);
    expect((await manager.group('g')).committed).toBe(false);
    host.reset();
    expect(() => calls()).toThrow(/ENOENT/);
  });

  it('on a real host, whose types say so', async () => {
    const { folder, host, manager } = await hostWith();
    await manager.create(inGroup(A));
    await manager.create(deviceXml(B, 'h'));
    expect(setsOf(peersOf(host))).toEqual([A, B]);
    // The same files, to which a kernel would answer: nothing of it is read as a simulated host.
    const real = await connect(`sysfs://${folder}`);
    onTestFinished(() => real.close());
    const domain = domainXml('vm1', [A, B]);
    const found = async (): Promise<readonly string[]> =>
      ((await real.validate(domain))[0]?.issues ?? []).map(({ code }) => code);
    expect(await found()).toContain('mdev-groups-differ');
    expect((await real.types()).items.every(({ requiresGroup }) => requiresGroup)).toBe(true);
    await real.addToGroup('g', [B]);
    expect(setsOf(peersOf(host))).toEqual([`${A} ${B}`]);
    expect(await found()).not.toContain('mdev-groups-differ');
    expect((await real.group('g')).committed).toBe(false);
  });

  it('whose opening was cut off before it was told has it told by whoever comes next', async () => {
    const { folder, host, manager } = await hostWith();
    await manager.create([inGroup(A), inGroup(B)]);
    const path = join(folder, DRIVER_CALLS);
    host.open([present(host.find(A))], { domain: 'vm1' });
    const told = readFileSync(path, 'utf8');
    rmSync(path);
    openSimulatedHost(folder).repair();
    expect(readFileSync(path, 'utf8')).toBe(told);
    rmSync(join(folder, OPEN, A));
    openSimulatedHost(folder).repair();
    expect(readFileSync(path, 'utf8')).toBe(`${told}${told.replace('commit', 'free')}`);
  });
});

describe.each(operationsOn(PEERS))('a process that dies in $name', ({ before, run: change }) => {
  it('leaves the sets of all or nothing after the next recovery', async () => {
    const wholeOf = async (world: ReturnType<typeof newWorld>) => ({
      ...(await stateOf(managerOf(new Fuse(), world))),
      sets: setsOf(peersOf(world.host)),
    });
    const reference = newWorld(new Fuse(), PEERS.profile);
    await before(managerOf(new Fuse(), reference));
    await change(managerOf(new Fuse(), reference));
    const all = await wholeOf(reference);
    let deaths = 0;
    for (; deaths < 60; deaths++) {
      const fuse = new Fuse();
      const world = newWorld(fuse, PEERS.profile);
      const dying = managerOf(fuse, world);
      await before(dying);
      const nothing = await wholeOf(world);
      Object.assign(fuse, { left: deaths + 1, isDeadly: true });
      await change(dying).catch(() => undefined);
      const died = fuse.left <= 0;
      Object.assign(fuse, { left: Infinity, isDeadly: false });
      if (!died) break;
      await managerOf(new Fuse(), world).recover();
      expect([nothing, all]).toContainEqual(await wholeOf(world));
    }
    expect(deaths).toBeGreaterThanOrEqual(4);
  });
});
