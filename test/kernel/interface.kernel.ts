import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';

// What the rest of this project believes of the kernel's mediated device core (drivers/vfio/mdev), asked of the
// kernel itself, with nothing of this project in between.

const BUS = '/sys/bus/mdev/devices';
const UUID = 'c0ffee00-1111-4222-8333-000000000001';

const typeFolder = (parent: string, type: string): string =>
  join('/sys/class/mdev_bus', parent, 'mdev_supported_types', type);

/** Writes a file; the errno's name, or `done`. */
function write(path: string, content: string | Uint8Array): string {
  try {
    writeFileSync(path, content);
    return 'done';
  } catch (error) {
    // Node knows no name for EUSERS and says UNKNOWN.
    if (!(error instanceof Error) || !('errno' in error)) throw error;
    return error.errno === -87 ? 'EUSERS' : getSystemErrorName(Number(error.errno));
  }
}

const create = (parent: string, type: string, content: string | Uint8Array): string =>
  write(join(typeFolder(parent, type), 'create'), content);
const remove = (uuid: string, content = '1'): string => write(join(BUS, uuid, 'remove'), content);
const available = (parent: string, type: string): number =>
  Number(readFileSync(join(typeFolder(parent, type), 'available_instances'), 'utf8'));
const uuidOf = (index: number): string => UUID.slice(0, -3) + String(index).padStart(3, '0');

/** Creates until the kernel refuses; how many there were, and its last word. */
function fill(
  parent: string,
  type: string,
): { readonly created: number; readonly refusal: string } {
  for (let created = 0; ; created += 1) {
    const refusal = create(parent, type, uuidOf(created));
    if (refusal !== 'done') return { created, refusal };
  }
}

afterEach(() => {
  for (let index = 0; existsSync(join(BUS, uuidOf(index))); index += 1) remove(uuidOf(index));
  if (existsSync(join(BUS, UUID))) remove(UUID);
});

describe('create', () => {
  it.each([
    [UUID, 'done'],
    [`${UUID}\n`, 'done'],
    [`${UUID}x`, 'done'],
    [`${UUID}\0`, 'done'],
    [UUID.toUpperCase(), 'done'],
    [`${UUID}\n\n`, 'EINVAL'],
    [` ${UUID}`, 'EINVAL'],
    [UUID.slice(1), 'EINVAL'],
    [UUID.replaceAll('-', ''), 'EINVAL'],
    [`{${UUID}}`, 'EINVAL'],
    [`urn:uuid:${UUID}`, 'EINVAL'],
    [UUID.replace('c0ffee00-', 'c0ffee0-0'), 'EINVAL'],
    [UUID.replace('c', 'g'), 'EINVAL'],
  ])('answers %j with %s', (content, answer) => {
    expect(create('mtty', 'mtty-1', content)).toBe(answer);
    expect(existsSync(join(BUS, UUID))).toBe(answer === 'done');
  });

  it('links the device to its type and its parent', () => {
    create('mtty', 'mtty-1', UUID);
    expect(readlinkSync(join(BUS, UUID))).toBe(`../../../devices/virtual/mtty/mtty/${UUID}`);
    expect(readlinkSync(join(BUS, UUID, 'mdev_type'))).toBe('../mdev_supported_types/mtty-1');
    expect(readlinkSync(join(typeFolder('mtty', 'mtty-1'), 'devices', UUID))).toBe(
      `../../../${UUID}`,
    );
  });

  it('refuses a uuid that exists on another parent, in another spelling', () => {
    expect(create('mtty', 'mtty-1', UUID)).toBe('done');
    expect(create('mdpy', 'mdpy-vga', UUID.toUpperCase())).toBe('EEXIST');
  });

  it.each([
    ['mtty', 'mtty-1', 24, 'ENOSPC'],
    ['mtty', 'mtty-2', 12, 'ENOSPC'],
    ['mdpy', 'mdpy-vga', 4, 'EUSERS'],
    ['mbochs', 'mbochs-small', 64, 'ENOSPC'],
    ['mbochs', 'mbochs-large', 4, 'ENOSPC'],
  ])('%s %s has %i instances, then %s', (parent, type, instances, refusal) => {
    expect(available(parent, type)).toBe(instances);
    expect(fill(parent, type)).toEqual({ created: instances, refusal });
    expect(available(parent, type)).toBe(0);
    expect(create(parent, type, uuidOf(0))).toBe('EEXIST');
    expect(create(parent, type, 'nonsense')).toBe('EINVAL');
  });
});

describe('remove', () => {
  it.each([
    ['1', 'done', true],
    ['2', 'done', true],
    ['0x1\n', 'done', true],
    ['0', 'done', false],
    ['', 'done', false],
    ['yes', 'EINVAL', false],
    ['-1', 'EINVAL', false],
    ['1 ', 'EINVAL', false],
  ])('answers %j with %s', (content, answer, removed) => {
    create('mtty', 'mtty-1', UUID);
    expect(remove(UUID, content)).toBe(answer);
    expect(existsSync(join(BUS, UUID))).toBe(!removed);
  });

  it('knows no second time', () => {
    create('mtty', 'mtty-1', UUID);
    expect(remove(UUID)).toBe('done');
    expect(remove(UUID)).toBe('ENOENT');
  });
});
