import { beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/index.ts';
import {
  createGroup,
  deviceXml,
  domainUuid,
  domainXml,
  type TestHost,
  testHost,
  uuidOf,
} from '../ownership/support.ts';

const [A, B, C, D] = [uuidOf(1), uuidOf(2), uuidOf(3), uuidOf(4)];
const ref = (name: string) => ({ name, uuid: domainUuid(name) });

let test: TestHost;
beforeEach(async () => {
  test = await testHost();
  await createGroup(test.manager, 'g', [A, B]);
});

/** Groups with their numbers, owners and members' last digits. */
const groups = async (): Promise<readonly string[]> =>
  (await test.manager.groups()).map(({ name, number, owner, members }) =>
    [
      /^[\da-f]{8}-/u.test(name) ? `(${name.at(-1)})` : name,
      number ?? '-',
      owner?.name ?? '-',
      members.map(({ uuid }) => uuid.at(-1)).join(''),
    ].join(' '),
  );

describe('devices that nobody uses', () => {
  it('are made a group', async () => {
    await test.manager.create(deviceXml(C));
    const made = await test.manager.createGroup('pool', [C, B]);
    expect(made).toMatchObject({ name: 'pool', members: [{ uuid: C }, { uuid: B }] });
    expect(await groups()).toEqual(['g 1 - 1', 'pool 2 - 32']);
  });

  it('join a group, and leave it', async () => {
    await test.manager.create(deviceXml(C));
    await test.manager.addToGroup('g', [C]);
    expect(await groups()).toEqual(['g 1 - 123']);
    await test.manager.addToGroup('g', [C, A]);
    expect(await groups()).toEqual(['g 1 - 123']);
    const left = await test.manager.removeFromGroup('g', [A, C]);
    expect(left).toMatchObject([
      { uuid: A, group: A },
      { uuid: C, group: C },
    ]);
    expect(await groups()).toEqual(['g 1 - 2', '(1) 2 - 1', '(3) 3 - 3']);
  });

  it('are moved in their definitions, too, and stay there over a start', async () => {
    await test.manager.define(await test.manager.dumpxml(A));
    await test.manager.createGroup('h', [A]);
    await test.manager.destroy(A);
    expect(await groups()).toEqual(['g 1 - 2', 'h - - 1']);
    await test.manager.start(A);
    expect(await groups()).toEqual(['g 1 - 2', 'h 2 - 1']);
  });

  it('are moved while they are defined only', async () => {
    await test.manager.define(deviceXml(C));
    await test.manager.addToGroup('g', [C]);
    expect(await groups()).toEqual(['g 1 - 123']);
  });

  it('belong to the owner of the group they join', async () => {
    await test.manager.claim('g', ref('vm1'));
    await test.manager.define(deviceXml(C));
    await test.manager.addToGroup('g', [C]);
    await test.manager.destroy([A, B]).catch(() => undefined);
    expect(await groups()).toEqual(['g 1 vm1 123']);
    const other = await connect(`sim://${test.folder}`);
    expect((await other.group('g')).owner).toMatchObject({ name: 'vm1', by: 'claim' });
    await other.close();
  });

  it('go from one group of a domain to another of it', async () => {
    await createGroup(test.manager, 'h', [C]);
    await test.manager.claim('g', ref('vm1'));
    await test.manager.claim('h', ref('vm1'));
    await test.manager.addToGroup('h', [A]);
    expect(await groups()).toEqual(['g 1 vm1 2', 'h 2 vm1 31']);
  });

  it('of others are adopted, when asked', async () => {
    test.createForeign(D);
    await expect(test.manager.addToGroup('g', [D])).rejects.toMatchObject({
      code: 'device-foreign',
    });
    await test.manager.addToGroup('g', [D], { adopt: true });
    expect(await groups()).toEqual(['g 1 - 124']);
    expect(await test.manager.info(D)).toMatchObject({ group: 'g', foreign: false });
  });

  it('are moved by an update with another <group>, live or not', async () => {
    await test.manager.define(await test.manager.dumpxml(A));
    await test.manager.update(A, deviceXml(A, 'h'));
    expect(await groups()).toEqual(['g 1 - 2', 'h 2 - 1']);
    await test.manager.update(A, deviceXml(A, 'i'), { config: true });
    expect(await groups()).toEqual(['g 1 - 2', 'i 2 - 1']);
    await test.manager.update(A, deviceXml(A));
    expect(await groups()).toEqual(['g 1 - 2', 'i 2 - 1']);
  });

  it('are told as updated', async () => {
    const events = await test.manager.events();
    await test.manager.createGroup('h', [A]);
    const { value } = await events[Symbol.asyncIterator]().next();
    expect(value).toMatchObject({ kind: 'update', uuid: A });
  });
});

describe('is refused', () => {
  const before = async (): Promise<readonly string[]> => groups();

  it.each([
    ['a group that is there', () => test.manager.createGroup('g', [A]), 'group-exists'],
    ['a group that is not', () => test.manager.addToGroup('h', [A]), 'group-unknown'],
    ['a device that is not', () => test.manager.addToGroup('g', [D]), 'device-unknown'],
    ['a name like an option', () => test.manager.createGroup('-h', [A]), 'nodedev-invalid'],
    ['a member of another group', () => test.manager.removeFromGroup('g', [C]), 'group-member'],
  ])('%s', async (_, change, code) => {
    await createGroup(test.manager, 'x', [C]);
    const state = await before();
    await expect(change()).rejects.toMatchObject({ code });
    expect(await before()).toEqual(state);
  });

  it.each([
    ['out of', () => test.manager.createGroup('h', [C, B])],
    ['into', () => test.manager.addToGroup('g', [C])],
    ['out of, alone,', () => test.manager.removeFromGroup('g', [B])],
    ['by an update, out of', () => test.manager.update(B, deviceXml(B, 'h'))],
  ])('moving %s a group that is open', async (_, change) => {
    await test.manager.create(deviceXml(C));
    await test.manager.startDomain(domainXml('vm1', [A]));
    const state = await before();
    await expect(change()).rejects.toMatchObject({ code: 'group-open' });
    expect(await before()).toEqual(state);
    await test.manager.stopDomain('vm1');
    await change();
  });

  it('moving out of the group of another domain, or to one', async () => {
    await createGroup(test.manager, 'h', [C]);
    await test.manager.claim('g', ref('vm1'));
    await test.manager.claim('h', ref('vm2'));
    const state = await before();
    for (const change of [
      () => test.manager.addToGroup('h', [A]),
      () => test.manager.removeFromGroup('g', [A]),
      () => test.manager.createGroup('i', [A]),
    ]) {
      await expect(change()).rejects.toMatchObject({ code: 'group-owned' });
    }
    expect(await before()).toEqual(state);
  });

  it('moving what a domain of libvirt runs with', async () => {
    await test.manager.create(deviceXml(C));
    test.writeDomain('running', 'vm1', [A]);
    await expect(test.manager.addToGroup('g', [C])).rejects.toMatchObject({ code: 'group-owned' });
    await expect(test.manager.createGroup('h', [B])).rejects.toMatchObject({
      code: 'group-owned',
    });
  });
});
