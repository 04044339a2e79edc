import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { draExport, type DraOptions } from '../../src/exports/dra.ts';
import { type Inventory, inventoryOf, typeNamed } from '../../src/exports/inventory.ts';
import { placementExport } from '../../src/exports/placement.ts';
import type { NodeDevice } from '../../src/nodedev/device.ts';
import { connect } from '../../src/remote/connect.ts';
import type { Connection } from '../../src/plan/connection.ts';
import { INVENTORIES, PROVIDER, RESOURCE_SLICE, TRAIT, TRAITS } from './published.ts';

const ajv = new Ajv({ allErrors: true, strict: false });
const PROFILES = ['nvidia-m60', 'nvidia-l40s', 'nvidia-h200', 'mixed-frameworks', 's390-ccw-ap'];
const COMPUTE = '11111111-2222-4333-8444-000000000001';
const UUID = '22222222-2222-4333-8444-000000000001';
const DRA: DraOptions = { node: 'n1', driver: 'gpu.example.com', generation: 3 };
const NODE = { node: 'n1', provider: COMPUTE };

function errorsOf(schema: object, value: unknown): string {
  return ajv.validate(schema, value) ? 'No errors' : ajv.errorsText();
}

const xml = (parent: string, type: string, uuid = ''): string =>
  `<device><parent>${parent}</parent><capability type='mdev'><type id='${type}'/>${
    uuid && `<uuid>${uuid}</uuid>`
  }</capability></device>`;

async function inventory(connection: Connection): Promise<Inventory> {
  const topology = await connection.topology();
  const parents = new Map<string, NodeDevice>();
  for (const { name } of topology.cards.flatMap((card) => card.parents)) {
    parents.set(name, await connection.lookup(name));
  }
  const { items } = await connection.types();
  return inventoryOf(topology, parents, new Map(items.map(({ id, facts }) => [id, facts])));
}

const countersShape = v.record(v.string(), v.object({ value: v.string() }));
const listShape = v.object({
  items: v.array(
    v.object({
      metadata: v.object({ name: v.string() }),
      spec: v.object({
        pool: v.object({ generation: v.number(), resourceSliceCount: v.number() }),
        sharedCounters: v.optional(
          v.array(v.object({ name: v.string(), counters: countersShape })),
          [],
        ),
        devices: v.optional(
          v.array(
            v.object({
              name: v.string(),
              attributes: v.record(v.string(), v.record(v.string(), v.unknown())),
              consumesCounters: v.optional(
                v.array(
                  v.object({
                    counterSet: v.string(),
                    counters: countersShape,
                    compatibilityGroups: v.optional(v.array(v.string()), []),
                  }),
                ),
                [],
              ),
            }),
          ),
          [],
        ),
      }),
    }),
  ),
});
type Slices = v.InferOutput<typeof listShape>;
type Device = Slices['items'][number]['spec']['devices'][number];

/** The slices, after the schema and what a schema cannot say was asked for. */
function slicesOf(of: Inventory, options: DraOptions = DRA): Slices {
  const list: unknown = JSON.parse(draExport(of, options).text);
  const slices = v.parse(listShape, list);
  const raw = v.parse(v.object({ items: v.array(v.unknown()) }), list).items;
  for (const slice of raw) {
    expect(errorsOf(RESOURCE_SLICE, slice)).toBe('No errors');
  }
  const sets = slices.items.flatMap(({ spec }) => spec.sharedCounters.map(({ name }) => name));
  const devices = devicesIn(slices);
  for (const { spec } of slices.items) {
    expect(spec.pool).toMatchObject({ generation: 3, resourceSliceCount: slices.items.length });
  }
  const names = [sets, devices.map(({ name }) => name), slices.items.map((s) => s.metadata.name)];
  for (const some of names) expect(new Set(some).size).toBe(some.length);
  for (const { counterSet } of devices.flatMap((one) => one.consumesCounters)) {
    expect(sets).toContain(counterSet);
  }
  return slices;
}

const devicesIn = ({ items }: Slices): readonly Device[] =>
  items.flatMap(({ spec }) => spec.devices);
const text = (device: Device | undefined, name: string): unknown =>
  device?.attributes[name]?.['string'];
const amount = (value = '0'): number => Number.parseInt(value, 10);

/** What the scheduler of Kubernetes allocates of these, one after the other: while counters are left and groups intersect. */
function allocated(slices: Slices, wanted: readonly Device[]): readonly Device[] {
  const left = new Map<string, number>();
  const groups = new Map<string, readonly string[]>();
  for (const { name, counters } of slices.items.flatMap(({ spec }) => spec.sharedCounters)) {
    for (const [counter, { value }] of Object.entries(counters)) {
      left.set(`${name} ${counter}`, amount(value));
    }
  }
  return wanted.filter(({ consumesCounters: [consumed] }) => {
    if (consumed === undefined) return true;
    const { counterSet, counters, compatibilityGroups } = consumed;
    const own = compatibilityGroups.length === 0 ? ['none'] : compatibilityGroups;
    const common = (groups.get(counterSet) ?? own).filter((group) => own.includes(group));
    const needs = Object.entries(counters).map(
      ([counter, { value }]) => [`${counterSet} ${counter}`, amount(value)] as const,
    );
    const fits = needs.every(([counter, needed]) => (left.get(counter) ?? 0) >= needed);
    if (!fits || common.length === 0) return false;
    groups.set(counterSet, common);
    for (const [counter, needed] of needs) left.set(counter, (left.get(counter) ?? 0) - needed);
    return true;
  });
}

describe.each(PROFILES)('%s', (profile) => {
  it('what is told of it is what Kubernetes and Placement take', async () => {
    await using connection = await connect(`test:///${profile}`);
    const of = await inventory(connection);
    slicesOf(of);
    slicesOf(of, { ...DRA, node: `${'n'.repeat(60)}.${'m'.repeat(60)}.${'o'.repeat(57)}` });
    for (const type of [undefined, ...of.cards.flatMap((card) => card.types.map(({ id }) => id))]) {
      const told: unknown = JSON.parse(placementExport(of, { ...NODE, type }).text);
      const { traits, providers } = v.parse(
        v.object({
          traits: v.array(v.unknown()),
          providers: v.array(
            v.object({ create: v.unknown(), inventories: v.unknown(), traits: v.unknown() }),
          ),
        }),
        told,
      );
      expect(providers).toHaveLength(of.cards.length);
      for (const trait of traits) expect(errorsOf(TRAIT, trait)).toBe('No errors');
      for (const { create, inventories, traits: own } of providers) {
        expect(errorsOf(PROVIDER, create)).toBe('No errors');
        expect(errorsOf(INVENTORIES, inventories)).toBe('No errors');
        expect(errorsOf(TRAITS, own)).toBe('No errors');
      }
    }
  });
});

const WITH_FUNCTIONS = ['nvidia-l40s', 'nvidia-a40', 'nvidia-a100-mig'];

it.each(['nvidia-m60', 'nvidia-t4', ...WITH_FUNCTIONS])(
  'whatever a scheduler allocates of %s can be created, and what is there has its uuid or address',
  async (profile) => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat()), fc.nat(3), async (numbers, count) => {
        await using connection = await connect(`test:///${profile}`);
        const draw = (limit: number): number => (numbers.next().value ?? 0) % limit;
        await someDevices(connection, count, draw);
        const of = await inventory(connection);
        const slices = slicesOf(of, { ...DRA, compatibilityGroups: true });
        const devices = [...devicesIn(slices)];
        const wanted = Array.from({ length: Math.min(40, devices.length) }, () =>
          devices.splice(draw(devices.length), 1),
        ).flat();
        const used = new Set<string>();
        const found: unknown[] = [];
        for (const device of allocated(slices, wanted)) {
          const uuid = text(device, 'mdevUUID');
          const address = String(text(device, 'resource.kubernetes.io/pciBusID'));
          const card = of.cards.find(
            (one) =>
              one.physicalFunction === address ||
              one.places.some((place) => place.address === address),
          );
          const made = card?.devices.find(
            (one) => one.uuid === uuid || (card.isFunctions && one.address === address),
          );
          if (made !== undefined) {
            found.push([made.owner, made.type.name], [undefined, text(device, 'profile')]);
            continue;
          }
          const id = typeNamed(of, String(text(device, 'profile'))) ?? '';
          // A virtual function takes one, with or without mediated devices.
          const isVirtual = card?.physicalFunction !== undefined;
          const taken = new Set(isVirtual ? card.devices.map((d) => d.address) : []);
          const place = card?.places.find(
            (one) => !taken.has(one.address) && !used.has(one.address),
          );
          if (isVirtual && place !== undefined) used.add(place.address);
          await connection.create(xml(place?.address ?? 'nowhere', id));
        }
        expect(found.filter((_, index) => index % 2 === 0)).toEqual(
          found.filter((_, index) => index % 2 === 1),
        );
      }),
      { numRuns: WITH_FUNCTIONS.includes(profile) ? 3 : 10, examples: [[numbersFrom(7), 0]] },
    );
  },
  120_000,
);

/** Numbers far apart, as fast-check's streams are. */
const numbersFrom = (first: number): fc.Stream<number> =>
  new fc.Stream(
    (function* all(): Generator<number> {
      for (let next = first; ; next += 7919) yield next;
    })(),
  );

/** Makes so many devices of any types where there is room, and gives some to domains. */
async function someDevices(
  connection: Connection,
  most: number,
  draw: (limit: number) => number,
): Promise<void> {
  for (let count = most; count > 0; count -= 1) {
    const { items } = await connection.types();
    const free = items.filter(({ availableInstances }) => availableInstances > 0);
    const type = free[draw(Math.max(1, free.length))];
    if (type === undefined) return;
    const { group } = await connection.create(xml(type.parent, type.id));
    if (draw(2) === 0) await connection.claim(group.name, { name: `vm${count}` });
  }
}

const CARD = 'pci_0000_86_00_0';

it('what is there is published without its room, and what a domain has is not', async () => {
  await using connection = await connect('test:///nvidia-m60');
  await connection.create(xml(CARD, 'nvidia-18', UUID));
  const before = slicesOf(await inventory(connection));
  expect(devicesIn(before).filter((one) => text(one, 'mdevUUID') === UUID)).toHaveLength(1);
  const value = (slices: Slices): unknown =>
    slices.items[0]?.spec.sharedCounters[0]?.counters['framebuffer']?.value;
  expect(value(before)).toBe('6144Mi');
  await connection.claim(UUID, { name: 'default_vm1' });
  const after = slicesOf(await inventory(connection));
  expect(JSON.stringify(after)).not.toContain(UUID);
  expect(value(after)).toBe('6144Mi');
});

it('the room of a definition that a domain owns is reserved', async () => {
  await using connection = await connect('test:///nvidia-m60');
  await connection.define(xml(CARD, 'nvidia-18', UUID));
  await connection.claim(UUID, { name: 'vm1' });
  const of = await inventory(connection);
  expect(slicesOf(of).items[0]?.spec.sharedCounters[0]?.counters['framebuffer']?.value).toBe(
    '6144Mi',
  );
  expect(placementExport(of, NODE).text).toContain('"total": 4,\n            "reserved": 1,');
});

it('of one type only, when it is asked for', async () => {
  await using connection = await connect('test:///nvidia-m60');
  const of = await inventory(connection);
  const id = typeNamed(of, 'M60-2Q');
  expect(id).toBe('nvidia-18');
  const slices = slicesOf(of, { ...DRA, type: id });
  expect(devicesIn(slices)).toHaveLength(8);
  expect(new Set(devicesIn(slices).map((one) => text(one, 'profile')))).toEqual(
    new Set(['GRID M60-2Q']),
  );
  expect(typeNamed(of, 'M60')).toBeUndefined();
});

it("Placement: a GPU has the type of its devices, and what domains that are not Nova's have is reserved", async () => {
  await using connection = await connect('test:///nvidia-m60');
  for (const owner of ['vm1', 'instance-0000002a', undefined]) {
    const { group } = await connection.create(xml(CARD, 'nvidia-18'));
    if (owner !== undefined) await connection.claim(group.name, { name: owner });
  }
  const { text: json, notes } = placementExport(await inventory(connection), NODE);
  expect(JSON.parse(json)).toMatchObject({
    traits: ['CUSTOM_M60_2Q'],
    providers: [
      {
        create: { name: 'n1_pci_0000_86_00_0', parent_provider_uuid: COMPUTE },
        inventories: {
          resource_provider_generation: 0,
          inventories: { VGPU: { total: 4, reserved: 1, max_unit: 4, allocation_ratio: 1 } },
        },
        traits: { resource_provider_generation: 1, traits: ['CUSTOM_M60_2Q'] },
      },
      { inventories: { inventories: {} }, traits: { traits: [] } },
    ],
  });
  expect(notes).toEqual([expect.stringContaining('0000:87:00.0: no device says its type')]);
});

it('no text of a driver or a card is in a name', async () => {
  await using connection = await connect('test:///nvidia-l40s');
  const evil = `x\n"\\$(reboot)\`\u001b[2J${'y'.repeat(300)}`;
  const topology = await connection.topology();
  const cards = topology.cards.map((card) => ({
    ...card,
    product: evil,
    types: card.types.map((type) => ({ ...type, name: `${evil}${type.id}` })),
  }));
  const parents = new Map<string, NodeDevice>();
  for (const { name } of cards.flatMap((card) => card.parents)) {
    parents.set(name, await connection.lookup(name));
  }
  const { items } = await connection.types();
  const facts = new Map(items.map((type) => [type.id, type.facts]));
  const of = inventoryOf({ ...topology, cards }, parents, facts);
  expect(devicesIn(slicesOf(of)).length).toBeGreaterThan(100);
  const told: unknown = JSON.parse(placementExport(of, { ...NODE, type: 'nvidia-1155' }).text);
  const { traits } = v.parse(v.object({ traits: v.array(v.unknown()) }), told);
  for (const trait of traits) expect(errorsOf(TRAIT, trait)).toBe('No errors');
});
