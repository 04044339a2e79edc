import { describe, expect, it } from 'vitest';
import { profileDrivers } from '../../src/drivers/registry.ts';
import { HostError, type HostParent } from '../../src/host/host.ts';
import { createMemoryHost } from '../../src/host/simulated/memory.ts';
import type { SimulatedHost } from '../../src/host/simulated/host.ts';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';
import { uuid } from './cards.ts';
import { LAMPS_XML } from '../support/lamps.ts';
import { example, exampleCards, profileCards } from './sample-cards.ts';

/** More devices of one type than this are not created. */
const MANY = 40;

const cards = [...profileDrivers(), example].flatMap((driver) =>
  [...profileCards, ...exampleCards]
    .filter((card) => card.driver === driver)
    .map((card) => ({ name: `${card.profile} ${driver.name} ${card.parents[0]?.address}`, card })),
);

function errnoOf(action: () => void): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof HostError) return error.errno;
    throw error;
  }
  return undefined;
}

function parentAt(host: SimulatedHost, address: string): HostParent {
  const parent = host.parent(address);
  if (parent === undefined) throw new Error(`no parent ${address}`);
  return parent;
}

const countsOf = (host: SimulatedHost, parent: HostParent): readonly number[] =>
  host.types(parent).items.map((type) => type.availableInstances);

describe.each(cards)('a simulated card: $name', ({ card }) => {
  const { driver, functions, profile, parents, types } = card;
  const [{ address } = { address: '' }] = parents;
  const host = createMemoryHost(driver === example ? LAMPS_XML : readSampleProfile(profile), {
    modules: () => example,
  });
  const parent = parentAt(host, address);

  it.each(types)('of $id, as many as it offers can be created, and no more', ({ id }) => {
    const before = countsOf(host, parent);
    const offered = host.type(parent, id)?.availableInstances ?? 0;
    const created = Array.from({ length: Math.min(offered, MANY) }, (_, number) => uuid(number));
    for (const [number, each] of created.entries()) {
      host.create(parent, id, each);
      expect(host.type(parent, id)?.availableInstances).toBe(offered - number - 1);
    }
    const snapshot = host.card(parent);
    const type = snapshot.types.find((candidate) => candidate.id === id);
    const refused = type && driver.refusal(snapshot, address, type);
    expect(refused ?? 'none').toMatch(offered > MANY ? /^none$/ : /^E[A-Z]+$/);
    // A function that has a type is not asked for room.
    const errno = functions === undefined ? refused : offered > 0 ? 'EPERM' : functions.fullErrno;
    expect(errnoOf(() => host.create(parent, id, uuid(MANY)))).toBe(errno);
    for (const device of host.devices(parent).items) host.remove(device);
    expect(countsOf(host, parent)).toEqual(before);
  });

  it.each(types)('a device of $id is bound to the driver and has its attributes', ({ id }) => {
    if (host.type(parent, id)?.availableInstances === 0) return;
    host.create(parent, id, uuid(1));
    const device = host.find(uuid(1));
    const type = types.find((candidate) => candidate.id === id);
    if (device === undefined || type === undefined) throw new Error('it did not appear');
    expect(host.details(device).driver).toBe(functions?.boundTo ?? driver.mdevDriver);
    const files =
      functions?.attributes.map((name) => ({ name, value: '', mode: 0o644 })) ??
      driver.deviceAttributes(uuid(1), type);
    expect(host.details(device).attributes).toEqual(files.map(({ name }) => name).toSorted());
    for (const { name, value, mode } of files) {
      const shown = { text: '' };
      const reading = errnoOf(() => (shown.text = host.readAttribute(device, name)));
      expect([reading, shown.text]).toEqual(
        (mode & 0o444) === 0 ? ['EACCES', ''] : [undefined, value],
      );
      expect(errnoOf(() => host.setAttribute(device, name, 'x'))).toBe(
        (mode & 0o222) === 0
          ? 'EACCES'
          : driver.attributeWrites || driver.params
            ? 'EINVAL'
            : undefined,
      );
    }
    expect(driver.paramsAttribute === undefined).toBe(
      !files.some(({ name }) => name === driver.paramsAttribute),
    );
    host.remove(device);
  });

  it('is in the subsystem the driver says', () => {
    expect(parents.map((each) => parentAt(host, each.address).subsystem)).toEqual(
      parents.map(() => driver.subsystem),
    );
  });
});
