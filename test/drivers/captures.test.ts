import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { driverForType } from '../../src/drivers/registry.ts';
import { SysfsReader } from '../../src/host/sysfs/reader.ts';
import { CAPTURES, readCapture, treeOf } from '../host/support/captures.ts';

const captures = readdirSync(CAPTURES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: kernel }) =>
    readdirSync(join(CAPTURES, kernel))
      .filter((file) => file.endsWith('.json'))
      .map((file) => ({ kernel, name: file.slice(0, -'.json'.length) })),
  );

const readerOf = ({ kernel, name }: (typeof captures)[number]): SysfsReader =>
  new SysfsReader(treeOf(readCapture(kernel, name)));

it('there are captures with devices', () => {
  const devices = captures.flatMap((capture) => readerOf(capture).devices().items);
  expect(devices.length).toBeGreaterThan(8);
});

describe('the rules agree with a real kernel', () => {
  it.each(captures)('$kernel $name: what is left of each type', (capture) => {
    const host = readerOf(capture);
    const counts = host.parents().items.flatMap((parent) => {
      const card = host.card(parent);
      return host.types(parent).items.map((type) => ({
        id: type.id,
        shown: type.availableInstances,
        told: driverForType(type.id)?.available(card, parent.address, type),
      }));
    });
    expect(counts.map(({ id, told }) => [id, told])).toEqual(
      counts.map(({ id, shown }) => [id, shown]),
    );
  });

  it.each(captures)('$kernel $name: the attributes of each device', (capture) => {
    const host = readerOf(capture);
    for (const device of host.devices().items) {
      const parent = host.parent(device.ref.parent);
      const type = parent && host.type(parent, device.type);
      const told = type && driverForType(type.id)?.deviceAttributes(device.ref.uuid, type);
      expect(told?.map(({ name, value }) => [name, value])).toEqual(
        host.details(device).attributes.map((name) => [name, host.readAttribute(device, name)]),
      );
    }
  });
});
