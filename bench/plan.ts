import type { HostState } from '../src/engine/devices/host-state.ts';
import { readDesired } from '../src/plan/desired.ts';
import { makePlan } from '../src/plan/make-plan.ts';
import { byTurns } from './measure.ts';
import { fleet } from './placement.ts';
import type { Row } from './table.ts';

const ROUNDS = 5;
const GPUS = 512;
const DEVICES = 10_000;

/** Planning 10,000 devices on 512 A40s: on the virtual function each names, or wherever there is room. */
export async function plans(): Promise<readonly Row[]> {
  const state: HostState = {
    cards: fleet(GPUS),
    devices: [],
    off: [],
    setups: [],
    absent: [],
    hasHook: false,
    owners: [],
    domains: [],
    problems: [],
  };
  const parents = state.cards.map((card) => card.parents.map(({ name }) => name));
  const named = documentOf((index) => parents[index % GPUS]?.[Math.floor(index / GPUS)]);
  const free = documentOf(() => undefined);
  const desired = { named: readDesired(named), free: readDesired(free) };
  const time = await byTurns(ROUNDS, [
    ['read', () => readDesired(named)],
    ['named', () => makePlan(state, desired.named)],
    ['free', () => makePlan(state, desired.free)],
  ]);
  const devices = DEVICES.toLocaleString('en-US');
  const row = (what: string, name: string, aim?: Row['aim']): Row => ({
    what,
    figure: time(name),
    unit: 'ms',
    aim,
  });
  return [
    row(`read a desired state of ${devices} devices`, 'read'),
    row(`plan ${devices} devices on ${GPUS} GPUs`, 'named', { of: 'figure', most: 1500 }),
    row(`plan ${devices} devices without a parent`, 'free', { of: 'figure', most: 1500 }),
  ];
}

/** Four devices in each group. */
function documentOf(parentOf: (index: number) => string | undefined): string {
  const devices = Array.from({ length: DEVICES }, (_, index) => {
    const parent = parentOf(index);
    const element = parent === undefined ? '' : `<parent>${parent}</parent>`;
    return `<device>${element}<capability type='mdev'><type id='A40-1Q'/><group>vm${index >> 2}</group></capability></device>`;
  });
  return `<devices>${devices.join('')}</devices>`;
}
