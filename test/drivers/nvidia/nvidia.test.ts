import { describe, expect, it } from 'vitest';
import type { CardDevice } from '../../../src/drivers/driver.ts';
import { nvidia } from '../../../src/drivers/nvidia/driver.ts';

import { attributesOf, cardOf, filesOf, guestIds, NOWHERE, typeOf, uuid } from '../cards.ts';
import { byId, offered } from '../sample-cards.ts';
import { a40, m60, t4 } from './types.ts';

/** A vGPU, held open by a domain. */
const vgpu = (number: number, holder?: string): CardDevice => ({
  uuid: uuid(number),
  parent: 'parent',
  type: 'nvidia-18',
  holder,
});

it('names the rule and the devices of another size', () => {
  const card = cardOf(m60, ['nvidia-18', 'nvidia-17']);
  expect(nvidia.explain(card, 'parent', typeOf(card, 'nvidia-11'))).toEqual({
    available: 0,
    maximum: 16,
    confidence: 'exact',
    rule: 'All vGPUs of a GPU have the same framebuffer size, and this GPU has vGPUs of another one than nvidia-11.',
    blockedBy: [uuid(0), uuid(1)],
  });
  expect(nvidia.explain(card, 'parent', typeOf(card, 'nvidia-18'))).toEqual({
    available: 2,
    maximum: 4,
    confidence: 'exact',
    rule: 'A GPU takes at most 4 vGPUs of nvidia-18 (max_instance), counting all of the same framebuffer size.',
    blockedBy: [uuid(0), uuid(1)],
  });
});

describe('hot-plug', () => {
  const card = { ...cardOf(m60), devices: [vgpu(1, 'vm1'), vgpu(2, 'vm1'), vgpu(3, 'vm2')] };

  it.each(['open', 'close'] as const)('a committed group does not %s one more', (change) => {
    expect(nvidia.hotplugRefusal(card, change, vgpu(1, 'vm1'))).toBe('EBUSY');
    expect(nvidia.hotplugRefusal(card, change, vgpu(4, 'vm1'))).toBe('EBUSY');
  });

  it('the only vGPU of a VM comes and goes', () => {
    expect(nvidia.hotplugRefusal(card, 'open', vgpu(4, 'vm3'))).toBeUndefined();
    expect(nvidia.hotplugRefusal(card, 'close', vgpu(3, 'vm2'))).toBeUndefined();
    expect(nvidia.hotplugRefusal(card, 'close', vgpu(5))).toBeUndefined();
  });

  it('unless the card is set to allow it', () => {
    const allowed = { ...card, settings: { hotplug: 'allowed' } };
    expect(nvidia.hotplugRefusal(allowed, 'open', vgpu(4, 'vm1'))).toBeUndefined();
  });
});

it('has types with items, devices with parameters, and is to guests a VGA controller of the GPU', () => {
  expect(attributesOf(nvidia, m60[0])).toEqual([
    'num_heads=2',
    'frl_config=45',
    'framebuffer=524288',
    'hres=2560',
    'vres=1600',
    'max_instance=16',
  ]);
  expect(filesOf(nvidia, m60[0])).toEqual(['nvidia/vgpu_params 644 ']);
  expect(guestIds(nvidia, m60[0])).toEqual([undefined, '0x10de', '0x13f2', NOWHERE]);
  expect(nvidia.guestPci(typeOf(cardOf(m60), 'nvidia-11'), undefined)).toBeUndefined();
});

it.each([
  ['framebuffer=1G', ['framebuffer=1048576']],
  ['framebuffer=lots, max_resolution=huge', ['framebuffer=lots', 'max_resolution=huge']],
  ['num_heads=4,new_thing=7 of 9', ['num_heads=4', 'new_thing=7 of 9']],
  ['', []],
])('a description we have not seen: %j', (description, expected) => {
  const type = { id: 'nvidia-9', deviceApi: 'vfio-pci', description };
  expect(attributesOf(nvidia, type)).toEqual(expected);
});

it.each([
  ['nvidia-m60', m60],
  ['nvidia-t4', t4],
  ['nvidia-a40', a40],
  ['mixed', t4],
])('has the types of a real one in %s', (profile, types) => {
  expect(offered(profile, nvidia)).toEqual(types.toSorted(byId));
});
