import { describe, expect, it } from 'vitest';
import type { CardType } from '../../src/drivers/driver.ts';
import { driverForType, typeAttributes } from '../../src/drivers/registry.ts';
import { apTypes, ccwTypes, gvtg, m60, mbochsTypes, mdpyTypes, mttyTypes, uuid } from './tables.ts';

const described = (id: string, description: string): CardType => ({
  id,
  deviceApi: 'vfio-pci',
  description,
});

/** As `name=value`. */
const attributes = (type: CardType | undefined): readonly string[] | undefined =>
  type && typeAttributes(type).map(({ name, value }) => `${name}=${value}`);

describe('a type’s description item by item', () => {
  it.each([
    [
      m60[0],
      [
        'num_heads=2',
        'frl_config=45',
        'framebuffer=524288',
        'hres=2560',
        'vres=1600',
        'max_instance=16',
      ],
    ],
    [
      gvtg[1],
      [
        'low_gm_size=131072',
        'high_gm_size=524288',
        'fence=4',
        'hres=1920',
        'vres=1200',
        'weight=4',
      ],
    ],
    [mttyTypes[0], []],
    [mdpyTypes[0], ['hres=640', 'vres=480']],
    [mbochsTypes[2], ['video_memory=65536']],
    [ccwTypes[0], []],
    [apTypes[0], []],
  ])('%j', (type, expected) => {
    expect(attributes(type)).toEqual(expected);
  });

  it.each([
    ['framebuffer=1G', ['framebuffer=1048576']],
    ['framebuffer=lots, max_resolution=huge', ['framebuffer=lots', 'max_resolution=huge']],
    ['num_heads=4,new_thing=7 of 9', ['num_heads=4', 'new_thing=7 of 9']],
    ['', []],
  ])('an NVIDIA description we have not seen: %j', (description, expected) => {
    expect(attributes(described('nvidia-9', description))).toEqual(expected);
  });

  it.each([
    ['size: 4MB\nmode: fast', ['size=4MB', 'mode=fast']],
    ['queues = 8, __proto__=1, constructor=2', ['queues=8', '__proto__=1', 'constructor=2']],
    ['a device for everything', []],
  ])('of a driver without rules, as the kernel gives it: %j', (description, expected) => {
    expect(attributes(described('acme-1', description))).toEqual(expected);
  });

  it('of an unknown driver without description: none', () => {
    expect(typeAttributes({ id: 'acme-1', deviceApi: 'vfio-pci' })).toEqual([]);
  });
});

describe('a new device’s attribute files', () => {
  it.each([
    [mttyTypes[0], [`vendor/sample_mdev_dev 444 This is MDEV ${uuid(1)}`]],
    [mdpyTypes[2], ['vendor/resolution 444 1920x1080']],
    [mbochsTypes[1], ['vendor/memory 444 16 MB']],
    [m60[0], ['nvidia/vgpu_params 644 ']],
    [ccwTypes[0], []],
    [gvtg[0], []],
  ])('%j', (type, expected) => {
    const files = type && driverForType(type.id)?.deviceAttributes(uuid(1), type);
    expect(files?.map(({ name, mode, value }) => `${name} ${mode.toString(8)} ${value}`)).toEqual(
      expected,
    );
  });

  it('of the AP matrix: what assigns is write-only, what tells is read-only', () => {
    const [type] = apTypes;
    const files = type && driverForType(type.id)?.deviceAttributes(uuid(1), type);
    expect(files?.filter(({ name }) => /^(un)?assign_/.test(name)).map(({ mode }) => mode)).toEqual(
      Array.from({ length: 6 }, () => 0o200),
    );
    expect(files?.filter(({ mode }) => mode === 0o444).map(({ name }) => name)).toEqual([
      'control_domains',
      'guest_matrix',
      'matrix',
    ]);
  });
});
