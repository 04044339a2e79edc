import { describe, expect, it } from 'vitest';
import type { CardDevice } from '../../src/drivers/driver.ts';
import { i915 } from '../../src/drivers/i915.ts';
import { mbochs } from '../../src/drivers/mbochs.ts';
import { mdpy } from '../../src/drivers/mdpy.ts';
import { mtty } from '../../src/drivers/mtty.ts';
import { nvidia } from '../../src/drivers/nvidia.ts';
import { driverForType, driverNamed, drivers } from '../../src/drivers/registry.ts';
import { settingProblem } from '../../src/drivers/settings.ts';
import { vfioAp } from '../../src/drivers/vfio-ap.ts';
import { vfioCcw } from '../../src/drivers/vfio-ccw.ts';
import type { PciCapability } from '../../src/nodedev/device.ts';
import {
  apTypes,
  cardOf,
  ccwTypes,
  gvtg,
  m60,
  mbochsTypes,
  mdpyTypes,
  mttyTypes,
  typeOf,
  uuid,
} from './tables.ts';

/** A vGPU, held open by a domain. */
const vgpu = (number: number, holder?: string): CardDevice => ({
  uuid: uuid(number),
  parent: 'parent',
  type: 'nvidia-18',
  holder,
});

describe('the driver of a type', () => {
  it.each([
    ['nvidia-11', nvidia],
    ['i915-GVTg_V5_4', i915],
    ['vfio_ccw-io', vfioCcw],
    ['vfio_ap-passthrough', vfioAp],
    ['mtty-2', mtty],
    ['mdpy-hd', mdpy],
    ['mbochs-small', mbochs],
    ['nvidia', undefined],
    ['nvidiax-1', undefined],
    ['11', undefined],
    ['__proto__-1', undefined],
    ['', undefined],
  ])('%s', (id, expected) => {
    expect(driverForType(id)).toBe(expected);
  });

  it('is found by name as well', () => {
    expect(drivers.map((driver) => driverNamed(driver.name))).toEqual(drivers);
    expect(driverNamed('constructor')).toBeUndefined();
  });

  it('says whether several of its devices in one VM need one group', () => {
    expect(drivers.filter((driver) => driver.requiresGroup)).toEqual([nvidia]);
  });
});

describe('a card’s settings', () => {
  it.each([
    [nvidia, 'homogeneous', 'type'],
    [nvidia, 'sriov', 'yes'],
    [i915, 'aperture', '256'],
    [mdpy, 'count', '1'],
  ])('%o takes %s=%s', (driver, name, value) => {
    expect(settingProblem(driver, name, value)).toBeUndefined();
  });

  it.each([
    [nvidia, 'homogenous', 'type', "no setting 'homogenous' (it has: homogeneous, sriov, hotplug)"],
    [mtty, 'count', '4', "driver mtty has no setting 'count'"],
    [nvidia, '__proto__', 'x', "no setting '__proto__'"],
    [nvidia, 'homogeneous', 'size', 'takes framebuffer, type, none'],
    [i915, 'aperture', '0', 'takes a decimal number from 1'],
    [i915, 'aperture', '-256', 'takes a decimal number from 1'],
    [i915, 'aperture', '1e3', 'takes a decimal number from 1'],
    [i915, 'aperture', '256 ', 'takes a decimal number from 1'],
  ])('%o does not take %s=%s', (driver, name, value, sentence) => {
    expect(settingProblem(driver, name, value)).toContain(sentence);
  });

  it('are not believed by the rules either', () => {
    const card = cardOf(mdpyTypes, [], { count: 'many' });
    expect(() => mdpy.available(card, 'parent', typeOf(card, 'mdpy-hd'))).toThrow(
      expect.objectContaining({ code: 'profile-invalid' }),
    );
  });
});

describe('an explanation', () => {
  it('names the rule and the devices of another size on an NVIDIA GPU', () => {
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

  it.each([
    [
      mtty,
      mttyTypes,
      'mtty-2',
      'All devices share 24 serial ports, of which mtty-2 takes 2; 23 are left.',
    ],
    [
      mbochs,
      mbochsTypes,
      'mbochs-large',
      'All devices share 256 MB of video memory (module parameter count), of which mbochs-large takes 64 MB; 252 MB are left.',
    ],
    [
      mdpy,
      mdpyTypes,
      'mdpy-hd',
      'The driver takes 4 devices, all types together (module parameter count).',
    ],
    [vfioCcw, ccwTypes, 'vfio_ccw-io', 'A subchannel takes one device.'],
    [
      i915,
      gvtg,
      'i915-GVTg_V5_2',
      'All vGPUs share 384 MB of mappable graphics memory (aperture), of which i915-GVTg_V5_2 takes 256; 320 are left.',
    ],
  ])('%o says its rule', (driver, types, id, sentence) => {
    const card = cardOf(types, [types[0]?.id ?? '']);
    expect(driver.explain(card, 'parent', typeOf(card, id)).rule).toBe(sentence);
  });
});

describe('hot-plug', () => {
  const card = { ...cardOf(m60), devices: [vgpu(1, 'vm1'), vgpu(2, 'vm1'), vgpu(3, 'vm2')] };

  it.each(['open', 'close'] as const)(
    'NVIDIA: a committed group does not %s one more',
    (change) => {
      expect(nvidia.hotplugRefusal(card, change, vgpu(1, 'vm1'))).toBe('EBUSY');
      expect(nvidia.hotplugRefusal(card, change, vgpu(4, 'vm1'))).toBe('EBUSY');
    },
  );

  it('NVIDIA: the only vGPU of a VM comes and goes', () => {
    expect(nvidia.hotplugRefusal(card, 'open', vgpu(4, 'vm3'))).toBeUndefined();
    expect(nvidia.hotplugRefusal(card, 'close', vgpu(3, 'vm2'))).toBeUndefined();
    expect(nvidia.hotplugRefusal(card, 'close', vgpu(5))).toBeUndefined();
  });

  it('NVIDIA: unless the card is set to allow it', () => {
    const allowed = { ...card, settings: { hotplug: 'allowed' } };
    expect(nvidia.hotplugRefusal(allowed, 'open', vgpu(4, 'vm1'))).toBeUndefined();
  });

  it('the others let devices come and go', () => {
    const others = drivers.filter((driver) => driver !== nvidia);
    expect(others.map((driver) => driver.hotplugRefusal(card, 'open', vgpu(4, 'vm1')))).toEqual(
      others.map(() => undefined),
    );
  });
});

describe('the PCI device a guest sees', () => {
  const parent: PciCapability = {
    kind: 'pci',
    class: '0x030000',
    domain: 0,
    bus: 0x86,
    slot: 0,
    function: 0,
    product: { id: '0x13f2', text: 'GM204GL [Tesla M60]' },
    vendor: { id: '0x10de', text: 'NVIDIA Corporation' },
    capabilities: [{ kind: 'mdev_types', types: [], extra: [] }],
    numaNode: 1,
    extra: [],
  };

  it.each([
    [nvidia, m60, undefined, '0x10de', '0x13f2'],
    [i915, gvtg, '0x030000', '0x10de', '0x13f2'],
    [mtty, mttyTypes, '0x070002', '0x4348', '0x3253'],
    [mdpy, mdpyTypes, '0x038000', '0x1b36', '0x000f'],
    [mbochs, mbochsTypes, '0x038000', '0x1234', '0x1111'],
  ])('%o', (driver, types, deviceClass, vendor, product) => {
    const card = cardOf(types);
    const seen = driver.guestPci(typeOf(card, types[0]?.id ?? ''), parent);
    expect(seen).toMatchObject({ kind: 'pci', capabilities: [], extra: [] });
    expect([seen?.class, seen?.vendor?.id, seen?.product?.id]).toEqual([
      deviceClass,
      vendor,
      product,
    ]);
    expect(seen?.bus).toBeUndefined();
  });

  it.each([
    [vfioCcw, ccwTypes],
    [vfioAp, apTypes],
  ])('%o: none', (driver, types) => {
    const card = cardOf(types);
    expect(driver.guestPci(typeOf(card, types[0]?.id ?? ''), parent)).toBeUndefined();
  });

  it('is not known without the GPU', () => {
    expect(nvidia.guestPci(typeOf(cardOf(m60), 'nvidia-11'), undefined)).toBeUndefined();
  });
});
