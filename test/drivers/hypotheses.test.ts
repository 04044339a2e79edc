import { expect, it } from 'vitest';
import type { CardDevice } from '../../src/drivers/driver.ts';
import { roomOf } from '../../src/plan/room.ts';
import { hypotheses } from '../../src/drivers/hypotheses.ts';

const TYPES = {
  i915: {
    id: 'i915-GVTg_V5_4',
    description: 'low_gm_size: 128MB\nhigh_gm_size: 512MB\nfence: 4\nresolution: 1920x1200\n',
  },
  nvidia: {
    id: 'nvidia-105',
    description:
      'num_heads=4, frl_config=60, framebuffer=1024M, max_resolution=5120x2880, max_instance=16',
  },
  mtty: { id: 'mtty-2', description: '' },
};

/** The devices, and how often somebody went through all of them. */
function counted(devices: readonly CardDevice[]): {
  readonly devices: readonly CardDevice[];
  readonly passes: () => number;
} {
  let passes = 0;
  const get = (target: readonly CardDevice[], key: string | symbol): unknown => {
    if (key === '0') passes += 1;
    return Reflect.get(target, key);
  };
  return { devices: new Proxy(devices, { get }), passes: () => passes };
}

it.each(Object.entries(TYPES))(
  'goes through the devices of a card of %s a few times, whatever is tried and however many types there are',
  (_, { id, description }) => {
    const types = Array.from({ length: 8 }, (__, index) => ({
      id: index === 0 ? id : `${id}${index}`,
      description,
      deviceApi: 'vfio-pci',
      availableInstances: 7, // no setting gives that
    }));
    const parent = '0000:86:00.0';
    const all = Array.from({ length: 1000 }, (__, index) => ({
      uuid: `${index}`,
      parent,
      type: id,
    }));
    const { devices, passes } = counted(all);
    const info = {
      card: { parents: [parent], types, settings: {}, devices },
      parents: [{ name: 'pci_0000_86_00_0', address: parent, types }],
    };
    hypotheses(info);
    roomOf(info);
    expect(passes()).toBeGreaterThan(0);
    expect(passes()).toBeLessThanOrEqual(6);
  },
);
