import { expect, it } from 'vitest';
import { plannedHost, type PlannedHost, wishXml } from '../../plan/planned-host.ts';
import { uuidOf } from '../../plan/hosts.ts';
import { run } from '../../cli/run.ts';

const GPU = '0000:42:00.0';
const NAME = 'pci_0000_42_00_0';
const SETUP = `<device><name>${NAME}</name><capability type='vgpu'><functions>on</functions></capability></device>`;

const turnOn = ({ host }: PlannedHost): unknown =>
  host.runTool({ program: '/usr/lib/nvidia/sriov-manage', args: ['-e', GPU], seconds: 1 });

/** A host that has booted, with two definitions that start by themselves and one that does not. */
async function booted(): Promise<PlannedHost> {
  const given = plannedHost('nvidia-l40s-bare');
  const { connection, host } = given;
  const wishes = [1, 2].map((digit) =>
    wishXml({ uuid: uuidOf(digit), parent: NAME, type: 'nvidia-1155' }),
  );
  await connection.apply(await connection.plan([SETUP]));
  await connection.define(wishes, { autostart: true });
  await connection.define(wishXml({ uuid: uuidOf(3), parent: NAME, type: 'nvidia-1155' }));
  host.reset();
  return given;
}

it('a GPU that is named starts what is marked on all its functions, once they are on', async () => {
  const given = await booted();
  const { connection } = given;
  await expect(connection.startParent(NAME)).rejects.toMatchObject({
    code: 'parent-unknown',
    message: `the virtual functions of '${NAME}' are off`,
  });
  await connection.apply(await connection.plan([SETUP]));
  const { started, failed } = await connection.startParent(NAME);
  expect([started.map(({ uuid }) => uuid), failed]).toEqual([[uuidOf(1), uuidOf(2)], []]);
  expect(await connection.startParent(GPU)).toEqual({ started: [], failed: [] });
});

it.each([NAME, 'pci_0000_42_00_4'])('%s is waited for', async (name) => {
  const given = await booted();
  const waiting = given.connection.startParent(name, { wait: 60 });
  setTimeout(() => turnOn(given), 20);
  const { started } = await waiting;
  expect(started).toHaveLength(name === NAME ? 2 : 1);
});

it.each([
  ['its functions stay off', NAME, undefined, 'its virtual functions are off'],
  ['a function does not appear', 'pci_0000_42_00_4', undefined, 'it has not appeared'],
  ['it is none', 'pci_0000_99_00_0', undefined, 'it has not appeared'],
])('waiting ends when %s', async (_, name, __, why) => {
  const { connection } = await booted();
  await expect(connection.startParent(name, { wait: 0.01 })).rejects.toMatchObject({
    code: 'timeout',
    message: expect.stringContaining(why),
  });
});

it('waiting ends when the functions offer no types, and when the caller says so', async () => {
  const given = await booted();
  turnOn(given);
  const [parent] = given.host.parents().items;
  const types = given.host.types.bind(given.host);
  given.host.types = (of) => {
    const listing = types(of);
    return { ...listing, items: listing.items.map((type) => ({ ...type, availableInstances: 0 })) };
  };
  expect(parent?.physicalFunction).toBe(GPU);
  await expect(given.connection.startParent(NAME, { wait: 0.01 })).rejects.toMatchObject({
    code: 'timeout',
    message: expect.stringContaining('it offers no types'),
  });
  const signal = AbortSignal.timeout(10);
  await expect(given.connection.startParent(NAME, { wait: 60, signal })).rejects.toMatchObject({
    code: 'aborted',
  });
});

it('the command ends with 1 and says that it waited in vain', async () => {
  const { connection } = await booted();
  const words = ['start-parent', NAME, '--wait', '1', '--json'];
  const { code, stderr } = await run(words, { connect: () => Promise.resolve(connection) });
  expect(code).toBe(1);
  expect(stderr).toContain('"code": "timeout"');
});
