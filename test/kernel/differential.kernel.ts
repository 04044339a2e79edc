import * as fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { SysfsHost } from '../../src/host/sysfs/host.ts';
import { order } from '../../src/host/sysfs/values.ts';
import { diskHost } from '../host/support/hosts.ts';
import { SEED } from '../support/seed.ts';
import { operation, type Operation } from './differential/operation.ts';
import { clear, countsOf, kernelSide, outcomeOf, simulatedSide } from './differential/side.ts';
import { treeDifferences, treeOf } from './differential/tree.ts';

// The simulated host is held to the real kernel: the same random operations on both, everything visible compared.

const SEQUENCES = [0, 1, 2, 3].map((index) => SEED + index);
/** By hand more: with LENGTH=2500 they are 10,000 operations. */
const LENGTH = Number(process.env['LENGTH'] ?? 550);
/** An operation takes 20 ms on a quiet machine, and much longer beside others. */
const LIMIT_MS = 600_000 + LENGTH * 200;
/** The trees are compared after this many operations, and at the end: it takes as long as fifty operations. */
const TREE_EVERY = 110;

const simulation = diskHost('kernel-samples');
const sides = [kernelSide(new SysfsHost('/')), simulatedSide(simulation.host)] as const;
let compared = 0;
let trees = 0;
const outcomes = new Map<string, number>();
const differences: string[] = [];

function compare(what: string, [kernel, simulated]: readonly [unknown, unknown]): void {
  const [ours, theirs] = [JSON.stringify(simulated), JSON.stringify(kernel)];
  if (ours !== theirs) differences.push(`${what}: kernel ${theirs}, simulated ${ours}`);
}

function compareTrees(what: string): void {
  trees += 1;
  const found = treeDifferences(treeOf(''), treeOf(simulation.host.root ?? ''));
  differences.push(...found.map((line) => `${what}: ${line}`));
}

async function compareOperation(what: string, asked: Operation): Promise<void> {
  const [kernel, simulated] = sides;
  const outcome = await outcomeOf(kernel, asked);
  compare(what, [outcome, await outcomeOf(simulated, asked)]);
  compare(`${what}, instances`, [countsOf(kernel), countsOf(simulated)]);
  compared += 1;
  const kind = `${asked.kind} ${outcome.split(' ')[0]}`;
  outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
}

afterAll(() => {
  simulation.dispose();
  const listed = [...outcomes].map(([kind, count]) => `${kind} ${count}`).toSorted(order);
  process.stdout.write(
    `${listed.join(', ')}\n` +
      `${compared} operations compared (${trees} times the whole tree), ${differences.length} differences\n`,
  );
});

it.each(SEQUENCES)(
  'the kernel and the simulated host do the same: SEED=%i',
  { timeout: LIMIT_MS },
  async (seed) => {
    const before = differences.length;
    for (const [index, asked] of fc.sample(operation, { seed, numRuns: LENGTH }).entries()) {
      const what = `${index} ${JSON.stringify(asked)}`;
      await compareOperation(what, asked);
      if ((index + 1) % TREE_EVERY === 0) compareTrees(`after ${what}`);
    }
    for (const side of sides) await clear(side);
    compareTrees('at the end');
    expect(differences.slice(before)).toEqual([]);
  },
);
