import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Card } from '../../src/drivers/driver.ts';
import { driverForType } from '../../src/drivers/registry.ts';
import { CAPTURES } from '../host/support/captures.ts';
import { mbochsTypes, mdpyTypes, mttyTypes } from './tables.ts';

/** A property of a captured node that is text, or nothing. */
const words = (node: unknown, name: string): readonly string[] => {
  const word: unknown = typeof node === 'object' && node !== null && Reflect.get(node, name);
  return typeof word === 'string' ? [word] : [];
};

/** The content of every file and the target of every link of a real kernel's sysfs, by path. */
function readTree(kernel: string, file: string): ReadonlyMap<string, string> {
  const nodes: unknown = JSON.parse(readFileSync(join(CAPTURES, kernel, file), 'utf8'));
  if (!Array.isArray(nodes)) throw new Error(`${kernel}/${file} is no capture`);
  return new Map(
    nodes.flatMap((node: unknown) => {
      const [path = ''] = words(node, 'path');
      return [...words(node, 'content'), ...words(node, 'target')].map(
        (value) => [path, value] as const,
      );
    }),
  );
}

const samples = [
  { name: 'mtty', types: mttyTypes },
  { name: 'mdpy', types: mdpyTypes },
  { name: 'mbochs', types: mbochsTypes },
];

const captures = ['linux-6.1', 'linux-6.12-cdev'].flatMap((kernel) =>
  ['parents.json', 'one-of-each.json'].flatMap((file) =>
    samples.map(({ name, types }) => ({ kernel, file, name, types })),
  ),
);

/** A card as the captured tree shows it. */
function cardIn(
  tree: ReadonlyMap<string, string>,
  { name, types }: (typeof samples)[number],
): Card {
  const below = `/sys/devices/virtual/${name}/${name}`;
  const devices = [...tree].flatMap(([path, target]) => {
    const [, uuid] = path.startsWith(below)
      ? (/\/([0-9a-f-]{36})\/mdev_type$/.exec(path) ?? [])
      : [];
    return uuid === undefined ? [] : [{ uuid, parent: name, type: target.split('/').at(-1) ?? '' }];
  });
  return { parents: [name], types, devices, settings: {} };
}

describe('the rules agree with a real kernel', () => {
  it.each(captures)('$kernel $file: $name', ({ kernel, file, ...sample }) => {
    const tree = readTree(kernel, file);
    const card = cardIn(tree, sample);
    const below = `/sys/devices/virtual/${sample.name}/${sample.name}`;
    const shown = card.types.map(({ id }) =>
      ['name', 'device_api', 'description', 'available_instances'].map((attribute) =>
        tree.get(`${below}/mdev_supported_types/${id}/${attribute}`),
      ),
    );
    const told = card.types.map((type) => [
      `${type.name}\n`,
      `${type.deviceApi}\n`,
      type.description && `${type.description}\n`,
      `${driverForType(type.id)?.available(card, sample.name, type)}\n`,
    ]);
    expect(told).toEqual(shown);
  });

  it.each(captures)(
    '$kernel $file: attributes of the devices of $name',
    ({ kernel, file, ...sample }) => {
      const tree = readTree(kernel, file);
      const prefix = `/sys/devices/virtual/${sample.name}/${sample.name}`;
      const { devices, types } = cardIn(tree, sample);
      const told = devices.flatMap(({ uuid, type: id }) =>
        types
          .filter((type) => type.id === id)
          .flatMap((type) => driverForType(id)?.deviceAttributes(uuid, type) ?? [])
          .map(({ name, value }) => [`${prefix}/${uuid}/${name}`, `${value}\n`]),
      );
      expect(new Map(told.map(([path = '', value = '']) => [path, value]))).toEqual(
        new Map([...tree].filter(([path]) => path.startsWith(prefix) && path.includes('/vendor/'))),
      );
    },
  );
});
