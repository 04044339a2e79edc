import { beforeEach, expect, it, vi } from 'vitest';
import type { EngineManager } from '../../../src/engine/node-device-manager.ts';
import { withPlanning } from '../../../src/plan/connection.ts';
import { HostError } from '../../../src/host/host.ts';
import { type World, Fuse, managerOf, newWorld } from '../journal/fused-manager.ts';

// A function's type is changed as one operation: 0, the list again, the new number, read back; or the old one comes back.

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
const xml = (type: string, more = '', parent = 'pci_0000_42_00_4'): string =>
  `<device><parent>${parent}</parent><capability type='mdev'><type id='${type}'/><uuid>${UUID}</uuid>${more}</capability></device>`;
const other = (type: string, digit: number): string =>
  `<device><parent>pci_0000_42_00_0</parent><capability type='mdev'><type id='${type}'/><uuid>c0ffee00-1111-4222-8333-00000000000${digit}</uuid></capability></device>`;
const PARAMS = `<attr name='nvidia/vgpu_params' value='a=1'/>`;
const FILE = 'nvidia/current_vgpu_type';

let world: World;
let manager: EngineManager;
beforeEach(() => {
  world = newWorld(new Fuse(), 'nvidia-l40s');
  manager = managerOf(new Fuse(), world);
});

const typeNow = () => world.host.find(UUID)?.type;
const paramsNow = (): string => {
  const device = world.host.find(UUID);
  return device === undefined ? 'gone' : world.host.readAttribute(device, 'nvidia/vgpu_params');
};

it('uuid, group, owner and name stay', async () => {
  const named = xml('nvidia-1155').replace('<device>', '<device><name>first</name>');
  await manager.create(named.replace('</uuid>', '</uuid><group>ours</group>'));
  const before = await manager.info(UUID);
  const done = await manager.update('first', xml('0x484', PARAMS, '00000000:42:00.0'));
  expect(done).toMatchObject({ live: true, config: false });
  expect({ ...done.device, type: 'nvidia-1155' }).toEqual(before);
  expect([typeNow(), paramsNow()]).toEqual(['nvidia-1156', 'a=1']);
  await manager.destroy(UUID);
});

it('a document with the type it has changes its attributes only', async () => {
  await manager.create(xml('nvidia-1155'));
  const write = vi.spyOn(world.host, 'write');
  await manager.update(UUID, xml('1155', PARAMS));
  expect(write.mock.calls.map(([, words]) => words)).toEqual(['a=1']);
  expect(paramsNow()).toBe('a=1');
});

it('the list is looked at again: what no longer fits is refused, and the old type comes back as it was', async () => {
  await manager.create(xml('nvidia-1155', PARAMS));
  await manager.create(other('nvidia-1155', 1));
  await expect(manager.update(UUID, xml('nvidia-1156'))).rejects.toMatchObject({
    code: 'no-instances',
    issues: [expect.objectContaining({ code: 'undone' })],
  });
  expect([typeNow(), paramsNow()]).toEqual(['nvidia-1155', 'a=1']);
});

it.each([
  ['the new type is refused', (words: string) => words === '1156'],
  ['its attributes are', (words: string) => words === 'b=1'],
])('%s: the old type comes back', async (_, isRefused) => {
  await manager.create(xml('nvidia-1155', PARAMS));
  const write = world.host.write.bind(world.host);
  vi.spyOn(world.host, 'write').mockImplementation((path, words) => {
    if (isRefused(words)) throw new HostError('EIO', path, { written: words });
    write(path, words);
  });
  const changed = xml('nvidia-1156', PARAMS.replace('a=', 'b='));
  await expect(manager.update(UUID, changed)).rejects.toThrow(/EIO/);
  expect([typeNow(), paramsNow()]).toEqual(['nvidia-1155', 'a=1']);
});

it('when the old type does not come back either, that is said, and the next change tries again', async () => {
  await manager.create(xml('nvidia-1155'));
  const write = world.host.write.bind(world.host);
  const spy = vi.spyOn(world.host, 'write').mockImplementation((path, words) => {
    if (path.endsWith(FILE) && words !== '0') throw new HostError('EIO', path, { written: words });
    write(path, words);
  });
  await expect(manager.update(UUID, xml('nvidia-1156'))).rejects.toMatchObject({
    issues: [
      expect.objectContaining({ code: 'undo-failed', hint: expect.stringMatching(/again/) }),
    ],
  });
  expect(typeNow()).toBeUndefined();
  spy.mockRestore();
  await manager.recover();
  expect(typeNow()).toBe('nvidia-1155');
});

it('one that a VM has open, and another program’s, is not changed', async () => {
  await manager.create(xml('nvidia-1155'));
  const device = world.host.find(UUID);
  if (device === undefined) throw new Error('not created');
  world.host.open([device], { domain: 'guest' });
  await expect(manager.update(UUID, xml('nvidia-1156'))).rejects.toMatchObject({
    code: 'in-use',
    message: expect.stringMatching(/^Unable to change the type of .* device in use by/),
  });
  world.host.close({ domain: 'guest' });
  const foreign = world.host.parent('0000:42:00.5');
  world.host.write(`${foreign?.path}/${FILE}`, '1155');
  const theirs = (await manager.list({ capabilities: ['mdev'] })).items.find(
    ({ parentAddress }) => parentAddress === '0000:42:00.5',
  );
  const theirXml = xml('nvidia-1165', '', 'pci_0000_42_00_5').replace(UUID, theirs?.uuid ?? '');
  await expect(manager.update(theirs?.name ?? '', theirXml)).rejects.toMatchObject({
    code: 'device-foreign',
  });
});

it('define and plans of another type name the call that changes it', async () => {
  await manager.create(xml('nvidia-1155'));
  const hint = expect.stringContaining(
    "`update('mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_42_00_4', xml)`",
  );
  await expect(manager.define(xml('nvidia-1156'))).rejects.toMatchObject({ hint });
  const { refusals } = await withPlanning(manager).plan([xml('nvidia-1156')]);
  expect(refusals).toMatchObject([{ code: 'definition-mismatch', hint }]);
  await manager.define(xml('nvidia-1155'));
  await manager.destroy(UUID);
  await expect(manager.define(xml('nvidia-1156'))).rejects.toMatchObject({ hint });
});

it('a definition is changed with it, or alone while the function has no type', async () => {
  await manager.create(xml('nvidia-1155'));
  await manager.define(xml('nvidia-1155'));
  await expect(manager.update(UUID, xml('nvidia-1156'), { config: true })).rejects.toMatchObject({
    code: 'definition-mismatch',
  });
  await manager.update(UUID, xml('nvidia-1156'), { live: true, config: true });
  expect(typeNow()).toBe('nvidia-1156');
  await manager.destroy(UUID);
  expect((await manager.info(UUID)).type).toBe('nvidia-1156');
  await manager.update(UUID, xml('nvidia-1165'));
  expect((await manager.info(UUID)).type).toBe('nvidia-1165');
  await manager.start(UUID);
  expect(typeNow()).toBe('nvidia-1165');
});

it('not together with the group', async () => {
  await manager.create(xml('nvidia-1155'));
  const grouped = xml('nvidia-1156').replace('</uuid>', '</uuid><group>other</group>');
  await expect(manager.update(UUID, grouped)).rejects.toMatchObject({ code: 'request-invalid' });
  expect(typeNow()).toBe('nvidia-1155');
});

it.each([
  ['nvidia-m60', 'pci_0000_86_00_0', 'nvidia-18', 'nvidia-22'],
  ['nvidia-a40', 'pci_0000_41_00_4', 'nvidia-558', 'nvidia-559'],
])('a mediated device of %s keeps its type, and no hint says otherwise', async (...given) => {
  const [profile, parent, type, another] = given;
  const mediated = managerOf(new Fuse(), newWorld(new Fuse(), profile));
  await mediated.create(xml(type, '', parent));
  const changed = xml(another, '', parent);
  const refused = { code: 'definition-mismatch', hint: expect.not.stringContaining('update') };
  await expect(mediated.update(UUID, changed)).rejects.toMatchObject(refused);
  await expect(mediated.define(changed)).rejects.toMatchObject(refused);
  expect((await withPlanning(mediated).plan([changed])).refusals).toMatchObject([refused]);
});

it('attributes are written in the order that the driver needs', async () => {
  const write = vi.spyOn(world.host, 'write');
  const attr = (name: string, value: string): string =>
    `<attr name='nvidia/${name}' value='${value}'/>`;
  const all = attr('vgpu_params', 'a=1') + attr('placement_id', '2') + attr('gpu_instance_id', '3');
  await manager.create(xml('nvidia-1155', all));
  expect(write.mock.calls.map(([, words]) => words)).toEqual(['1155', '3', '2', 'a=1']);
});

it.each([
  ['E2BIG', 'x'.repeat(2000), /longer than the driver takes/],
  ['EPERM', 'a=1', /not about rights/],
  ['ENXIO', 'a=1', /only a vGPU has attributes/],
  ['EINVAL', 'a=1', /did not accept the value/],
])('%s of an attribute in words', async (errno, value, says) => {
  await manager.create(xml('nvidia-1155'));
  if (errno !== 'E2BIG') {
    vi.spyOn(world.host, 'write').mockImplementation((path, words) => {
      throw new HostError(errno, path, { written: words });
    });
  }
  const attr = `<attr name='nvidia/vgpu_params' value='${value}'/>`;
  await expect(manager.update(UUID, xml('nvidia-1155', attr))).rejects.toThrow(says);
});

it.each([
  ['fails', false, false],
  ['fails after it took effect', false, true],
  ['kills', true, false],
  ['kills after it took effect', true, true],
])(
  'each change of the way %s once: then the type is the old or the new one, with its record',
  async (_, isDeadly, isLate) => {
    for (let at = 1; ; at += 1) {
      const fuse = new Fuse();
      const own = newWorld(fuse, 'nvidia-l40s');
      const quiet = managerOf(new Fuse(), own);
      await quiet.create(xml('nvidia-1155', PARAMS));
      await quiet.define(xml('nvidia-1155', PARAMS));
      Object.assign(fuse, { left: at, isDeadly, isLate });
      const options = { live: true, config: true };
      const changed = xml('nvidia-1156', PARAMS.replace('a=', 'b='));
      const error = await managerOf(fuse, own)
        .update(UUID, changed, options)
        .then(
          () => undefined,
          (reason: unknown) => reason,
        );
      const isOver = fuse.left > 0;
      fuse.left = Infinity;
      await quiet.recover();
      const device = own.host.find(UUID);
      const params = device && own.host.readAttribute(device, 'nvidia/vgpu_params');
      const defined = own.definitions.read({ parent: '0000:42:00.4', uuid: UUID })?.definition.type;
      const now = [device?.type, params, defined].join(' ');
      const old = 'nvidia-1155 a=1 nvidia-1155';
      const wanted = 'nvidia-1156 b=1 nvidia-1156';
      const right = error === undefined ? [wanted] : [old, wanted];
      expect(right, `at change ${at}`).toContain(now);
      // It is still ours: nothing is foreign, and it can be destroyed.
      await quiet.destroy(UUID);
      if (isOver) break;
    }
  },
);
