import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDiff, formatDrift, formatPlan, hasDrift } from '../../src/cli/plan-text.ts';
import { type Issue, NodedevError } from '../../src/errors.ts';
import type { Connection } from '../../src/plan/connection.ts';
import type { Plan, PlanOptions } from '../../src/plan/plan.ts';
import { stateOf } from '../engine/journal/operations.ts';
import { uuidOf } from './hosts.ts';
import { domainXml, open, type PlannedHost, plannedHost, wishXml } from './planned-host.ts';

const GPUS = ['0000:86:00.0', '0000:87:00.0'] as const;
const NUMBERS = [1, 2, 3, 4] as const;

/** A desired state. Devices of one group are of one VM, and those of one card of one size, so that it can be reached. */
const states = fc.record({
  devices: fc.array(
    fc.record({
      number: fc.constantFrom(...NUMBERS),
      card: fc.constantFrom(0, 1, undefined),
      group: fc.constantFrom(undefined, 'g', 'h'),
      params: fc.constantFrom(undefined, undefined, 'x=1', 'x=2'),
    }),
    { maxLength: 4 },
  ),
  /** Q-series types of the M60: 2, 4 and 8 GiB. */
  types: fc.constantFrom<readonly [string, string]>(
    ['nvidia-18', 'nvidia-18'],
    ['nvidia-20', 'nvidia-18'],
    ['nvidia-18', 'nvidia-22'],
    ['nvidia-20', 'nvidia-20'],
  ),
  /** VMs, by their number: how they are called now. */
  names: fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('c', 'd')),
  hasUuids: fc.boolean(),
  /** Groups of the second VM. */
  second: fc.subarray(['g', 'h', '1', '2', '3', '4']),
  without: fc.subarray(['g', 'h', '1', '2', '3', '4'], { maxLength: 1 }),
});
type State = ReturnType<typeof states.generate>['value'];

const options: fc.Arbitrary<PlanOptions> = fc.record({
  prune: fc.constantFrom(true, true, false),
  adopt: fc.boolean(),
  define: fc.constantFrom(false, false, true),
});

/** Between two states: another program makes a device, or a VM runs meanwhile. */
const events = fc.constantFrom('nothing', 'nothing', 'foreign', 'run', 'claim');

const steps = fc.array(fc.record({ state: states, asked: options, event: events }), {
  minLength: 2,
  maxLength: 5,
});

interface Vm {
  readonly name: string;
  readonly xml: string;
  readonly uuids: readonly string[];
}

interface Desired {
  readonly documents: readonly string[];
  readonly vms: readonly Vm[];
  readonly devices: ReadonlyMap<
    string,
    { readonly group: string | undefined; readonly type: string }
  >;
}

function desiredOf({ devices, types, names, hasUuids, second, without }: State): Desired {
  const distinct = new Map(devices.map((device) => [device.number, device]));
  const wanted = [...distinct.values()];
  const keyOf = ({ group, number }: State['devices'][number]): string => group ?? String(number);
  const vms = names.flatMap((name, index): readonly Vm[] => {
    const own = wanted.filter(
      (device) =>
        !without.includes(keyOf(device)) && second.includes(keyOf(device)) === (index === 1),
    );
    const uuids = own.map(({ number }) => uuidOf(number));
    const identity = hasUuids ? `<uuid>${uuidOf(100 + index)}</uuid>` : '';
    const xml = domainXml(name, uuids).replace('</name>', `</name>${identity}`);
    return own.length === 0 ? [] : [{ name, xml, uuids }];
  });
  const typeOf = (card: 0 | 1 | undefined): string => types[card ?? 0];
  return {
    vms,
    devices: new Map(
      wanted.map(({ number, group, card }) => [uuidOf(number), { group, type: typeOf(card) }]),
    ),
    documents: [
      '<devices/>',
      ...wanted.map(({ number, card, group, params }) =>
        wishXml({
          uuid: uuidOf(number),
          parent: card === undefined ? undefined : GPUS[card],
          type: typeOf(card),
          group,
          params,
        }),
      ),
      ...vms.map(({ xml }) => xml),
    ],
  };
}

async function happen(event: string, { connection, host }: PlannedHost, vms: readonly Vm[]) {
  const [vm] = vms;
  if (event === 'foreign') {
    const parent = host.parent(GPUS[1]);
    if (parent !== undefined) host.create(parent, 'nvidia-18', uuidOf(4));
  }
  if (event === 'run' && vm !== undefined) open(host, vm.name, ...vm.uuids);
  if (event === 'claim') await connection.claim('g', { name: 'by-hand' });
}

const errorsOf = (issues: readonly Issue[]): readonly string[] =>
  issues.filter(({ severity }) => severity === 'error').map(({ message }) => message);

async function groupOf(connection: Connection, uuid: string): Promise<string> {
  const all = await connection.groups();
  return all.find(({ members }) => members.some((member) => member.uuid === uuid))?.name ?? '';
}

/** What `plan`, `diff` and `assert` show of one plan is one thing. */
function checkText(plan: Plan): void {
  const isDrifted = hasDrift(plan);
  expect([formatDiff(plan) !== '', formatDrift(plan) !== '']).toEqual([isDrifted, isDrifted]);
  const text = formatPlan(plan);
  expect(text.includes('the host is as desired')).toBe(
    !isDrifted && plan.left.every(({ reason }) => reason === 'unchanged' || reason === 'foreign'),
  );
}

/** Every command says of a host that it is as desired. */
async function checkReached(given: PlannedHost, { vms, devices }: Desired, asked: PlanOptions) {
  const { connection, host } = given;
  for (const [uuid, { group, type }] of devices) {
    const now = await connection.info(uuid);
    expect(now).toMatchObject({ active: true, foreign: false });
    expect(host.find(uuid)?.type).toBe(type);
    const { members } = await connection.group(group ?? (await groupOf(connection, uuid)));
    expect(members.map((member) => member.uuid)).toContain(uuid);
  }
  for (const { name, xml, uuids } of vms) {
    for (const uuid of uuids) expect((await connection.info(uuid)).owner?.name).toBe(name);
    const [report] = await connection.validate([xml]);
    expect(errorsOf(report?.issues ?? [])).toEqual([]);
  }
  const { items } = await connection.list({ capabilities: ['mdev'], state: 'all' });
  const infos = await Promise.all(items.map(({ name }) => connection.info(name)));
  const others = infos.filter(({ uuid = '' }) => !devices.has(uuid));
  expect(others.filter(({ foreign }) => foreign !== true || asked.adopt === true)).toEqual([]);
  const used = new Set(vms.flatMap(({ uuids }) => uuids));
  const { orphans: collected } = await connection.gc({ dryRun: true, olderThan: 0 });
  const unused = collected.flatMap((orphan) => orphan.devices.map(({ uuid }) => uuid));
  expect(unused.filter((uuid) => uuid !== undefined && used.has(uuid))).toEqual([]);
  const found = await connection.doctor();
  const expected = new Set([
    'doctor-orphan',
    'doctor-foreign-device',
    'doctor-without-owner',
    'doctor-parent-full',
  ]);
  expect(found.filter(({ code }) => !expected.has(code))).toEqual([]);
}

describe('a host that goes from one desired state to the next', () => {
  it('is what all commands say it is', { timeout: 600_000 }, async () => {
    const seen = { reached: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const given = plannedHost('nvidia-m60');
        const { connection } = given;
        let before: readonly Vm[] = [];
        for (const { state, asked, event } of sequence) {
          // What cannot be does not happen.
          await happen(event, given, before).catch(() => undefined);
          const desired = desiredOf(state);
          const plan = await connection.plan(desired.documents, asked);
          checkText(plan);
          const was = await stateOf(connection);
          const error: unknown = await connection.apply(plan).then(
            () => undefined,
            (reason: unknown) => (reason instanceof NodedevError ? reason.code : reason),
          );
          const again = await connection.plan(desired.documents, asked);
          checkText(again);
          const isDone = plan.applicable;
          expect([error, isDone ? again.actions : await stateOf(connection)]).toEqual(
            isDone ? [undefined, []] : ['plan-refused', was],
          );
          expect(again.refusals).toEqual(plan.refusals);
          seen.refused += isDone ? 0 : 1;
          if (asked.prune === true && !hasDrift(again)) {
            await checkReached(given, desired, asked);
            seen.reached += 1;
          }
          for (const { name } of before) await connection.stopDomain(name).catch(() => undefined);
          before = desired.vms;
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 40) },
    );
    expect(Math.min(seen.reached, seen.refused)).toBeGreaterThan(5);
  });
});
