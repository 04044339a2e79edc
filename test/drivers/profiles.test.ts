import { readdirSync, readFileSync } from 'node:fs';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { driverForType, drivers, profileDriver } from '../../src/drivers/registry.ts';
import { settingProblem } from '../../src/drivers/settings.ts';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  trimValues: false,
});

/** The child elements or the attribute of this name. */
const all = (node: unknown, name: string): readonly unknown[] => {
  const found: unknown = typeof node === 'object' && node !== null ? Reflect.get(node, name) : [];
  return [found].flat().filter((value) => value !== undefined);
};

/** The text of the child element or attribute of this name. */
const text = (node: unknown, name: string): string | undefined => {
  const [value] = all(node, name);
  return typeof value === 'string' ? value : undefined;
};

const readDevice = (node: unknown) => ({
  name: text(node, 'name'),
  path: text(node, 'path') ?? '',
  parent: text(node, 'parent') ?? '',
  isPci: all(node, 'capability').some((capability) => text(capability, 'type') === 'pci'),
});

const FOLDER = 'samples/hosts';
const profiles = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.xml'))
  .map((file) => {
    const document: unknown = parser.parse(readFileSync(`${FOLDER}/${file}`, 'utf8'));
    const [host] = all(document, 'host');
    return {
      name: text(host, 'name'),
      lists: all(host, 'types').map((list) => ({
        name: text(list, 'name'),
        types: all(list, 'type').map((type) => ({
          id: text(type, 'id') ?? '',
          name: text(type, 'name'),
          deviceApi: text(type, 'deviceAPI') ?? '',
          description: text(type, 'description'),
        })),
      })),
      cards: all(host, 'card').map((card) => ({
        driver: text(card, 'driver') ?? '',
        types: text(card, 'types'),
        settings: all(card, 'setting').map((setting) => ({
          name: text(setting, 'name') ?? '',
          value: text(setting, 'value') ?? '',
        })),
      })),
      devices: [host, ...all(host, 'card')].flatMap((node) => all(node, 'device')).map(readDevice),
    };
  });

it('there is a profile for every driver', () => {
  const used = new Set(profiles.flatMap(({ cards }) => cards.map(({ driver }) => driver)));
  expect(drivers.filter(({ name }) => !used.has(name))).toEqual([]);
});

describe.each(profiles)('$name', (profile) => {
  it('has cards whose drivers know their types and settings', () => {
    const faults = profile.cards.flatMap((card): readonly string[] => {
      const driver = profileDriver(card.driver);
      const types = profile.lists.find((list) => list.name === card.types)?.types ?? [];
      const isItsOwn = types.every(
        ({ id }) => driver?.takesAnyType === true || driverForType(id) === driver,
      );
      if (!driver || types.length === 0 || !isItsOwn) return [`${card.driver} ${card.types}`];
      return card.settings.flatMap(({ name, value }) => settingProblem(driver, name, value) ?? []);
    });
    expect(faults).toEqual([]);
  });

  it('has a parent above every device, in its path too', () => {
    const pathOf = new Map(profile.devices.map(({ name, path }) => [name, path]));
    const misplaced = profile.devices.filter(({ name, parent, path }) => {
      if (name === 'computer') return false;
      const above = parent === 'computer' ? '/sys/devices' : (pathOf.get(parent) ?? '(unknown)');
      return !path.startsWith(`${above}/`);
    });
    expect(misplaced).toEqual([]);
    expect(pathOf.size).toBe(profile.devices.length);
  });

  it('names PCI devices after their address', () => {
    const misnamed = profile.devices.filter(({ name, path, isPci }) => {
      const address = path.split('/').at(-1) ?? '';
      return isPci && name !== `pci_${address.replaceAll(/[:.]/g, '_')}`;
    });
    expect(misnamed).toEqual([]);
  });
});
