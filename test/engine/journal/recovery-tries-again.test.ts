import { describe, expect, it } from 'vitest';
import type { EngineManager } from '../../../src/engine/node-device-manager.ts';
import { type Issue, NodedevError } from '../../../src/errors.ts';
import { withPlanning } from '../../../src/plan/connection.ts';
import { Fuse, managerOf, newWorld, type World } from './fused-manager.ts';
import { operationOf, OPERATIONS, stateOf } from './operations.ts';

const uuid = (digit: number): string => `00000000-0000-4000-8000-00000000000${digit}`;
const name = (digit: number): string => `mdev_${uuid(digit).replaceAll('-', '_')}_0000_86_00_0`;

const xml = (digit: number, type: string): string =>
  `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'>
    <type id='${type}'/><uuid>${uuid(digit)}</uuid>
    <params>frame_rate_limiter=${digit}</params></capability></device>`;

/** A plan that takes two small devices away, to make room for a large one. */
const APPLY = {
  name: 'apply --prune',
  before: async (manager: EngineManager) => {
    await manager.create(xml(1, 'nvidia-18'));
    await manager.create(xml(2, 'nvidia-18'));
  },
  run: async (manager: EngineManager) => {
    const planning = withPlanning(manager);
    await planning.apply(await planning.plan(xml(3, 'nvidia-22'), { prune: true }));
  },
};
const DYING = [APPLY, ...OPERATIONS];
type Dying = (typeof DYING)[number];

/** Recovery of a change of groups writes the store only. */
const isOfStore = ({ name: operation }: Dying): boolean => operation === 'regroup';

/** More changes than any operation, or recovery, makes. */
const MOST = 80;

/** What a process leaves that dies at its nth change, and the state before; undefined when it has no nth. */
async function afterDeath(
  { before, run }: Dying,
  nth: number,
): Promise<{ readonly world: World; readonly fuse: Fuse; readonly state: object } | undefined> {
  const fuse = new Fuse();
  const world = newWorld(fuse);
  const manager = managerOf(fuse, world);
  await before(manager);
  const state = await comparable(manager);
  Object.assign(fuse, { left: nth, isDeadly: true });
  await run(manager).catch(() => undefined);
  const died = fuse.left <= 0;
  Object.assign(fuse, { left: Infinity, isDeadly: false });
  return died ? { world, fuse, state } : undefined;
}

async function deathsOf(dying: Dying): Promise<number> {
  for (let nth = 1; nth < MOST; nth++) {
    if ((await afterDeath(dying, nth)) === undefined) return nth - 1;
  }
  throw new Error('it never ends');
}

/** A device that comes back is the last of its group. */
async function comparable(manager: EngineManager): Promise<object> {
  const { groups, ...rest } = await stateOf(manager);
  const members = groups.map((group) => group.members.map((member) => member.name).toSorted());
  return { ...rest, groups: groups.map(({ name: group, owner }) => ({ group, owner })), members };
}

async function allOf({ before, run }: Dying): Promise<object> {
  const manager = managerOf(new Fuse(), newWorld(new Fuse()));
  await before(manager);
  await run(manager);
  return comparable(manager);
}

/** Numbers below `limit`, each seed its own. */
function sequence(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
}

describe.each(DYING)('recovery of a killed $name', (dying) => {
  it('that fails once loses nothing: the next one does the rest', async () => {
    const all = await allOf(dying);
    const deaths = await deathsOf(dying);
    let failures = 0;
    for (let nth = 1; nth <= deaths; nth++) {
      for (let at = 1; at < MOST; at++) {
        const left = await afterDeath(dying, nth);
        if (left === undefined) throw new Error(`no death ${nth}`);
        const { world, fuse, state } = left;
        Object.assign(fuse, { left: at, errno: 'ENOSPC' });
        const manager = managerOf(fuse, world);
        const first = await manager.recover().catch((error: unknown) => error);
        if (fuse.left > 0) break;
        Object.assign(fuse, { left: Infinity });
        const where = `death ${nth}, failure ${at}: ${String(first)}`;
        if (first instanceof NodedevError) failures += 1;
        const issues = await manager.recover();
        expect([where, ...issues.filter(({ severity }) => severity === 'error')]).toEqual([where]);
        expect([state, all].map((each) => ({ where, ...each }))).toContainEqual({
          where,
          ...(await comparable(manager)),
        });
        expect([where, ...world.journal.entries()]).toEqual([where]);
      }
    }
    expect(failures).toBeGreaterThan(isOfStore(dying) ? -1 : 2);
  });

  it('that is killed itself, three times in a row, loses nothing', async () => {
    const all = await allOf(dying);
    const below = sequence(11);
    const deaths = await deathsOf(dying);
    let kills = 0;
    for (let nth = 1; nth <= deaths; nth++) {
      for (let round = 0; round < 4; round++) {
        const left = await afterDeath(dying, nth);
        if (left === undefined) throw new Error(`no death ${nth}`);
        const { world, fuse, state } = left;
        const killedAt = [0, 1, 2].map(() => 1 + below(10));
        for (const at of killedAt) {
          Object.assign(fuse, { left: at, isDeadly: true });
          await managerOf(fuse, world)
            .recover()
            .catch(() => undefined);
          if (fuse.left <= 0) kills += 1;
        }
        Object.assign(fuse, { left: Infinity, isDeadly: false });
        const manager = managerOf(fuse, world);
        await manager.recover();
        const where = `death ${nth}, then ${killedAt.join(', ')}`;
        expect([state, all].map((each) => ({ where, ...each }))).toContainEqual({
          where,
          ...(await comparable(manager)),
        });
        expect([where, ...world.journal.entries()]).toEqual([where]);
      }
    }
    expect(kills).toBeGreaterThan(isOfStore(dying) ? 2 : 10);
  });
});

/** The apply, killed when it had taken the small devices away and was about to make the large one. */
async function withoutDevices(): Promise<{ readonly world: World; readonly fuse: Fuse }> {
  for (let nth = 1; nth < MOST; nth++) {
    const left = await afterDeath(APPLY, nth);
    const isThen = left?.world.journal.entries().some(({ steps }) => steps === 3) === true;
    if (isThen && left.world.host.devices().items.length === 0) return left;
  }
  throw new Error('no such death');
}

/** A create, killed when it had made two devices. */
async function halfCreated(): Promise<{ readonly world: World; readonly fuse: Fuse }> {
  for (let nth = 1; nth < MOST; nth++) {
    const left = await afterDeath(operationOf('create'), nth);
    if (left?.world.host.devices().items.length === 2) return left;
  }
  throw new Error('no such death');
}

const uuidsOf = ({ host }: World): readonly string[] =>
  host.devices().items.map(({ ref }) => ref.uuid);
const messagesOf = (issues: readonly Issue[]): readonly string[] =>
  issues.map(({ message }) => message);
const errorsOf = (issues: readonly Issue[]): readonly string[] =>
  messagesOf(issues.filter(({ severity }) => severity === 'error'));
/** The operation that a hint speaks of. */
const idIn = (issues: readonly Issue[]): string =>
  /forget: '(.*?)'/u.exec(issues.map(({ hint }) => hint).join('\n'))?.[1] ?? '';

/** Somebody else's device that takes all the room of the card's GPU. */
function takeRoom({ host }: World): void {
  const parent = host.parent('0000:86:00.0');
  if (parent === undefined) throw new Error('no parent');
  host.create(parent, 'nvidia-22', uuid(9));
}

describe('what recovery has to leave', () => {
  const gone = (digit: number, operation = 'destroy'): string =>
    `an interrupted ${operation} was not all put right: ${name(digit)} is gone: others took its place`;

  it('is reported by recover and doctor until it is done, and stops no change', async () => {
    const { world } = await withoutDevices();
    takeRoom(world);
    const manager = managerOf(new Fuse(), world);
    const both = [gone(2), gone(1)];
    expect(errorsOf(await manager.recover())).toEqual([gone(2, 'apply'), gone(1, 'apply')]);
    expect(errorsOf(await manager.recover())).toEqual(both);
    expect(errorsOf(await manager.doctor())).toEqual(both.toReversed());
    await manager.define(xml(5, 'nvidia-18'));
    await manager.destroy(uuid(9), { adopt: true });
    await manager.undefine(uuid(5));
    expect(uuidsOf(world)).toEqual([]);
    expect(messagesOf(await manager.recover())).toEqual([
      `an interrupted destroy was undone: ${name(2)}, ${name(1)}`,
    ]);
    expect(uuidsOf(world)).toEqual([uuid(1), uuid(2)]);
    expect(errorsOf(await manager.doctor())).toEqual([]);
    expect(await manager.recover()).toEqual([]);
  });

  it('is over when an administrator says so', async () => {
    const { world } = await withoutDevices();
    takeRoom(world);
    const manager = managerOf(new Fuse(), world);
    const id = idIn(await manager.recover());
    expect(messagesOf(await manager.recover({ forget: id }))).toEqual([
      `an interrupted destroy is forgotten, and stays as it is: ${name(1)}, ${name(2)}`,
    ]);
    expect(await manager.recover()).toEqual([]);
    expect(errorsOf(await manager.doctor())).toEqual([]);
    expect(uuidsOf(world)).toEqual([uuid(9)]);
    for (const unknown of [id, '../../../etc/passwd', '']) {
      await expect(manager.recover({ forget: unknown })).rejects.toMatchObject({
        code: 'operation-unknown',
      });
    }
  });

  it.each(['EINVAL', 'ENODEV', 'ENOENT', 'EOPNOTSUPP'])(
    'is what is refused with %s',
    async (errno) => {
      const { world, fuse } = await withoutDevices();
      Object.assign(fuse, { left: 1, errno });
      const manager = managerOf(fuse, world);
      expect(errorsOf(await manager.recover())).toEqual([
        `an interrupted apply was not all put right: ${name(2)} is gone: ${errno}: /sys/injected`,
      ]);
      expect(uuidsOf(world)).toEqual([uuid(1)]);
      expect(errorsOf(await manager.recover())).toEqual([]);
      expect(uuidsOf(world)).toEqual([uuid(1), uuid(2)]);
    },
  );

  it.each(['EIO', 'ENOSPC', 'EBUSY', 'EAGAIN', 'ENOMEM', 'EMFILE', 'EACCES', 'EROFS'])(
    'is nothing that is refused with %s',
    async (errno) => {
      const { world, fuse } = await withoutDevices();
      Object.assign(fuse, { left: 1, errno });
      const manager = managerOf(fuse, world);
      await expect(manager.recover()).rejects.toMatchObject({ code: 'recovery-failed' });
      expect(errorsOf(await manager.recover())).toEqual([]);
      expect(uuidsOf(world)).toEqual([uuid(1), uuid(2)]);
    },
  );

  it('is not made again over what was made meanwhile', async () => {
    const { world } = await withoutDevices();
    takeRoom(world);
    const manager = managerOf(new Fuse(), world);
    await manager.recover();
    await manager.destroy(uuid(9), { adopt: true });
    const own = xml(1, 'nvidia-18').replace('limiter=1', 'limiter=0');
    await manager.create(own);
    await manager.recover();
    expect(uuidsOf(world)).toEqual([uuid(1), uuid(2)]);
    expect(await manager.dumpxml(uuid(1), { dialect: 'extended' })).toContain('limiter=0');
  });

  it('is undone when it is in use no more, unless somebody has adopted it', async () => {
    const { world } = await halfCreated();
    const devices = world.host.devices().items;
    world.host.open(devices, { domain: 'vm1' });
    const manager = managerOf(new Fuse(), world);
    expect(errorsOf(await manager.recover())).toHaveLength(2);
    await manager.claim(uuid(1), { name: 'vm1' }, { adopt: true });
    world.host.close({ domain: 'vm1' });
    expect(messagesOf(await manager.recover())).toEqual([
      `an interrupted create was undone: ${name(2)}`,
    ]);
    expect(uuidsOf(world)).toEqual([uuid(1)]);
  });

  it('that may be temporary refuses every change, until it is done or forgotten', async () => {
    const { world, fuse } = await withoutDevices();
    const manager = managerOf(fuse, world);
    for (let round = 0; round < 3; round++) {
      Object.assign(fuse, { left: 1, errno: 'EIO' });
      await expect(manager.define(xml(5, 'nvidia-18'))).rejects.toMatchObject({
        code: 'recovery-failed',
        hint: expect.stringContaining('forget'),
      });
    }
    const [entry] = world.journal.entries();
    await manager.recover({ forget: entry?.id });
    await manager.define(xml(5, 'nvidia-18'));
    expect(uuidsOf(world)).toEqual([]);
  });
});
