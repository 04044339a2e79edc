import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/index.ts';
import type { DeviceInfo } from '../../../src/engine/listed-device.ts';

const document = (type: string): string =>
  `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'>${type}</capability></device>`;

async function create(type: string): Promise<DeviceInfo | undefined> {
  const manager = await connect('test:///default');
  return (await manager.create(document(type))).devices[0];
}

describe('<type>', () => {
  it.each([
    ["<type id='18'/>", 'nvidia-18'],
    ["<type id='GRID M60-2Q'/>", 'nvidia-18'],
    ["<type id='M60-2Q'/>", 'nvidia-18'],
    ["<type id='GRID_M60-2Q'/>", 'nvidia-18'],
    ["<type id='framebuffer>=8G,series=Q'/>", 'nvidia-22'],
    [
      "<type><attribute name='framebuffer' min='8388608'/><attribute name='num_heads'>4</attribute></type>",
      'nvidia-22',
    ],
  ])('%s is %s', async (type, id) => {
    await expect(create(type)).resolves.toMatchObject({ type: id });
  });

  it('is refused when several types fit, with their differences', async () => {
    await expect(
      create("<type><attribute name='framebuffer' min='8388608'/></type>"),
    ).rejects.toMatchObject({
      code: 'type-ambiguous',
      message: "mdev type 'framebuffer>=8G' of 'pci_0000_86_00_0' is not unique: 2 types fit",
      hint: 'name one of: nvidia-21 (GRID M60-8A: heads 1, width 1280, height 1024, series A); nvidia-22 (GRID M60-8Q: heads 4, width 5120, height 2880, series Q)',
      location: { line: 1 },
    });
  });

  it('that no type fits is refused with the nearest name', async () => {
    const error = { code: 'type-unknown', hint: expect.stringContaining("mean 'M60-2Q'?") };
    await expect(create("<type id='M60-2QQ'/>")).rejects.toMatchObject(error);
  });

  it('by a field there is none of is refused', async () => {
    await expect(create("<type><attribute name='heds' min='2'/></type>")).rejects.toMatchObject({
      code: 'criterion-invalid',
      hint: "did you mean 'heads'?",
      location: { line: 1 },
    });
  });
});

it('types are filtered and sorted', async () => {
  const manager = await connect('test:///default');
  const { items } = await manager.types({
    parent: 'pci_0000_87_00_0',
    where: ['framebuffer>=2G', 'heads=4,series=Q'],
    sort: 'free',
  });
  expect(items.map(({ id, availableInstances }) => [id, availableInstances])).toEqual([
    ['nvidia-18', 4],
    ['nvidia-20', 2],
    ['nvidia-22', 1],
  ]);
});
