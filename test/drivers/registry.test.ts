import { describe, expect, it } from 'vitest';
import type { Driver } from '../../src/drivers/driver.ts';
import { driverForType, driverNamed, drivers, registerDriver } from '../../src/drivers/registry.ts';
import { settingOf, settingProblem } from '../../src/drivers/settings.ts';
import { typeField } from '../../src/drivers/type-fields.ts';
import { cardOf, uuid } from './cards.ts';

describe.each(drivers)('$name', (driver) => {
  it('is found by its name and by the ids of its types', () => {
    expect(driverNamed(driver.name)).toBe(driver);
    expect(driverForType(`${driver.name}-x`)).toBe(driver);
    expect(driverForType(driver.name)).toBeUndefined();
    expect(driverForType(`${driver.name}x-1`)).toBeUndefined();
  });

  it('takes the values its settings declare, and no others', () => {
    for (const { name, default: usual, words, text } of driver.settings) {
      for (const value of words ?? (text === undefined ? ['1', '999999999'] : [])) {
        expect(settingProblem(driver, name, value)).toBeUndefined();
      }
      expect(settingProblem(driver, name, usual)).toBeUndefined();
      for (const value of [
        ...(text === undefined ? ['0'] : []),
        '\n',
        '-256',
        '1e3',
        '256 ',
        '__proto__',
      ]) {
        expect(settingProblem(driver, name, value)).toContain(
          text?.expected ?? words?.join(', ') ?? 'takes a decimal number from 1',
        );
      }
    }
    expect(settingProblem(driver, '__proto__', 'x')).toContain(
      `driver ${driver.name} has no setting '__proto__'`,
    );
  });

  it('has facts that criteria find, each by its own name', () => {
    for (const { name, attribute, kind } of driver.facts ?? []) {
      expect(typeField(name)).toMatchObject({ name, kind });
      expect(typeField(attribute)?.name).toBe(name);
    }
  });

  it('lets the only device of a VM come and go', () => {
    const device = { uuid: uuid(1), parent: 'parent', type: `${driver.name}-x`, holder: 'vm' };
    const card = { ...cardOf([]), devices: [device] };
    expect(driver.hotplugRefusal(card, 'open', device)).toBeUndefined();
    expect(driver.hotplugRefusal(card, 'close', device)).toBeUndefined();
  });
});

describe('the driver of a type', () => {
  it.each(['11', '__proto__-1', 'constructor', ''])('%j has none', (id) => {
    expect(driverForType(id)).toBeUndefined();
    expect(driverNamed(id)).toBeUndefined();
  });

  it('is registered once', () => {
    const [taken] = drivers;
    expect(() => taken && registerDriver(taken)).toThrow(RangeError);
  });
});

it('a setting that is none is not believed by the rules either', () => {
  const count = { name: 'count', default: '4' };
  expect(() => settingOf(cardOf([], [], { count: 'many' }), count)).toThrow(
    expect.objectContaining({ code: 'profile-invalid' }),
  );
});

it('names of drivers begin no ids of others', () => {
  const names = drivers.map(({ name }: Driver) => name);
  const clashes = names.filter((name) => names.some((other) => other.startsWith(`${name}-`)));
  expect(clashes).toEqual([]);
});
