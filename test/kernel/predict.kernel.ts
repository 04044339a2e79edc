import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { HostError } from '../../src/host/host.ts';
import { SysfsHost } from '../../src/host/sysfs/host.ts';
import { connect, NodedevError, type Connection } from '../../src/index.ts';
import type { Creation } from '../../src/plan/creation.ts';
import { SEED } from '../support/seed.ts';
import { TYPES } from './differential/operation.ts';

// What is predicted of the kernel is what it then does: how many it leaves of each type, and where it refuses.

const SEQUENCES = [0, 1, 2, 3].map((index) => SEED + index);
const ROUNDS = 25;

type Step = (typeof TYPES)[number];

const host = new SysfsHost('/');
const made: string[] = [];
let predictions = 0;
let refusals = 0;

afterAll(() => {
  process.stdout.write(`${predictions} predictions observed, ${refusals} refusals among them\n`);
});

/** Some devices go, by their place among those there are; then some come, one after the other. */
const round = fc.record({
  gone: fc.array(fc.nat(), { maxLength: 8 }),
  wanted: fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 12 }),
});

const creationOf = ({ parent, type }: Step): Creation => ({ parent, type });

/** What each type has left, `undefined` where the last creation is foreseen to be refused. */
async function predicted(manager: Connection, wanted: readonly Step[]) {
  try {
    const { items } = await manager.predict(wanted.map(creationOf));
    return new Map(items.map(({ type, available }) => [type, available]));
  } catch (error) {
    if (error instanceof NodedevError && error.code === 'no-instances') return undefined;
    throw error;
  }
}

/** How many were created before the kernel refused one. */
function create(wanted: readonly Step[]): number {
  for (const [index, { parent, type }] of wanted.entries()) {
    const uuid = `c0ffee00-2222-4222-8333-${String(made.length).padStart(12, '0')}`;
    const found = host.parent(parent);
    if (found === undefined) throw new Error(`no parent ${parent}`);
    try {
      host.create(found, type, uuid);
    } catch (error) {
      if (error instanceof HostError && ['ENOSPC', 'EUSERS'].includes(error.errno)) return index;
      throw error;
    }
    made.push(uuid);
  }
  return wanted.length;
}

function remove(choice: number): void {
  const devices = host.devices().items;
  const device = devices[choice % Math.max(1, devices.length)];
  if (device !== undefined) host.remove(device);
}

const left = ({ parent, type }: Step): number =>
  Number(
    readFileSync(
      `/sys/class/mdev_bus/${parent}/mdev_supported_types/${type}/available_instances`,
      'utf8',
    ),
  );

it.each(SEQUENCES)('SEED=%i', async (seed) => {
  const manager = await connect();
  for (const { gone, wanted } of fc.sample(round, { seed, numRuns: ROUNDS })) {
    for (const choice of gone) remove(choice);
    // Predictions of every length, before anything is done.
    const foreseen = [];
    for (let length = 0; length <= wanted.length; length += 1) {
      foreseen.push(await predicted(manager, wanted.slice(0, length)));
    }
    const created = create(wanted);
    const possible = foreseen.filter((prediction) => prediction !== undefined).length - 1;
    expect(created).toBe(possible);
    expect(foreseen[created]).toEqual(new Map(TYPES.map((step) => [step.type, left(step)])));
    predictions += 1;
    if (created < wanted.length) refusals += 1;
  }
  for (const device of host.devices().items) host.remove(device);
  await manager.close();
});
