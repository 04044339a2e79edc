import { describe, expect, it } from 'vitest';
import { formatDefinition } from '../../../src/engine/definitions/definitions.ts';
import type { OpenEntry } from '../../../src/engine/journal/journal.ts';
import type { Issue } from '../../../src/errors.ts';
import { Fuse, managerOf, newWorld, type World } from './fused-manager.ts';
import { OPERATIONS, type Operation, stateOf, XML } from './operations.ts';

/** More changes than any operation makes. */
const MOST = 60;

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('absent');
  return value;
}

const operation = (name: string): Operation =>
  present(OPERATIONS.find((candidate) => candidate.name === name));

/** What a process leaves that dies at its nth change; undefined when it has no nth. */
async function afterDeath(
  { before, run }: Operation,
  nth: number,
): Promise<{ readonly world: World; readonly state: unknown } | undefined> {
  const fuse = new Fuse();
  const world = newWorld(fuse);
  const manager = managerOf(fuse, world);
  await before(manager);
  const state = await stateOf(manager);
  Object.assign(fuse, { left: nth, isDeadly: true });
  await run(manager).catch(() => undefined);
  const died = fuse.left <= 0;
  Object.assign(fuse, { left: Infinity, isDeadly: false });
  return died ? { world, state } : undefined;
}

describe.each(OPERATIONS)('a process that dies in $name', (dying) => {
  it('leaves all or nothing after the next recovery, whichever step it dies at', async () => {
    const reference = managerOf(new Fuse(), newWorld(new Fuse()));
    await dying.before(reference);
    await dying.run(reference);
    const all = await stateOf(reference);
    let deaths = 0;
    for (; deaths < MOST; deaths++) {
      const left = await afterDeath(dying, deaths + 1);
      if (left === undefined) break;
      const manager = managerOf(new Fuse(), left.world);
      const pending = left.world.journal.entries().length;
      expect(await manager.recoveryState()).toEqual({ pending, left: 0 });
      const ended = await manager.recover();
      const { last, ...rest } = await manager.recoveryState();
      expect(rest).toEqual({ pending: 0, left: 0 });
      expect(last?.operations).toBe(ended.length > 0 ? 1 : undefined);
      expect([left.state, all]).toContainEqual(await stateOf(manager));
      expect(left.world.journal.entries()).toEqual([]);
      expect(await manager.recover()).toEqual([]);
    }
    expect(deaths).toBeGreaterThanOrEqual(4);
    expect(deaths).toBeLessThan(MOST);
  });
});

describe('recovery', () => {
  const uuid = (digit: number): string => `00000000-0000-4000-8000-00000000000${digit}`;
  const name = (digit: number): string => `mdev_${uuid(digit).replaceAll('-', '_')}_0000_86_00_0`;

  /** The first of an operation's deaths after which this many devices, or definitions, are there. */
  const partly = async (dying: string, count: number): Promise<World> => {
    for (let nth = 1; nth < MOST; nth++) {
      const left = await afterDeath(operation(dying), nth);
      const { host, definitions } = present(left).world;
      const there = dying === 'define' ? definitions.refs().items : host.devices().items;
      if (there.length === count) return present(left).world;
    }
    throw new Error('no such death');
  };

  const amend = (world: World, change: (entry: OpenEntry) => OpenEntry): void => {
    world.journal.write(change(present(world.journal.entries()[0])));
  };

  it('comes before the next change, and is reported in one line', async () => {
    const told: Issue[] = [];
    const world = await partly('create', 2);
    const manager = managerOf(new Fuse(), world, (issue) => told.push(issue));
    expect((await manager.create(XML)).devices).toHaveLength(3);
    expect(told).toEqual([
      {
        code: 'recovered',
        severity: 'warning',
        message: `an interrupted create was undone: ${name(2)}, ${name(1)}`,
      },
    ]);
  });

  it('does not touch a device that somebody opened meanwhile', async () => {
    const world = await partly('create', 2);
    world.host.open([present(world.host.find(uuid(1)))], { domain: 'vm1' });
    const issues = await managerOf(new Fuse(), world).recover();
    expect(world.host.devices().items.map(({ ref }) => ref.uuid)).toEqual([uuid(1)]);
    expect(issues.map(({ code }) => code)).toEqual(['recovered', 'recovery-left']);
  });

  it.each([
    ['parent', { parent: '0000:87:00.0' }],
    ['type', { type: 'nvidia-11' }],
    ['uuid', { uuid: uuid(9) }],
  ])('does not touch a device of another %s', async (_, other) => {
    const world = await partly('create', 2);
    amend(world, (entry) => ({
      ...entry,
      intents: entry.intents.map((intent) => ({ ...intent, ...other })),
    }));
    await managerOf(new Fuse(), world).recover();
    expect(world.host.devices().items).toHaveLength(2);
  });

  it('does not touch devices of another boot', async () => {
    const world = await partly('create', 2);
    amend(world, (entry) => ({ ...entry, boot: 'an earlier one' }));
    const issues = await managerOf(new Fuse(), world).recover();
    expect(world.host.devices().items).toHaveLength(2);
    expect(issues.map(({ message }) => message)).toEqual([
      expect.stringContaining('an interrupted create had left nothing half done'),
    ]);
  });

  it('undoes the definitions of another boot', async () => {
    const world = await partly('define', 2);
    amend(world, (entry) => ({ ...entry, boot: 'an earlier one' }));
    await managerOf(new Fuse(), world).recover();
    expect(world.definitions.refs().items).toEqual([]);
  });

  it('keeps a definition that another program changed', async () => {
    const world = await partly('define', 2);
    const stored = present(world.definitions.list().items[0]);
    world.definitions.update(stored, formatDefinition({ ...stored.definition, autostart: true }));
    const issues = await managerOf(new Fuse(), world).recover();
    expect(world.definitions.refs().items).toHaveLength(1);
    expect(issues.map(({ code }) => code)).toEqual(['recovered', 'recovery-left']);
  });

  it('that fails refuses the change, and is tried again', async () => {
    const world = await partly('create', 2);
    const fuse = new Fuse();
    const manager = managerOf(fuse, world);
    fuse.left = 1;
    await expect(manager.create(XML)).rejects.toMatchObject({ code: 'recovery-failed' });
    expect(await manager.recover()).toHaveLength(1);
    expect(world.host.devices().items).toEqual([]);
  });
});
