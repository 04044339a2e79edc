import { describe, expect, it } from 'vitest';
import type { DiskTree } from '../../../src/host/disk-tree.ts';
import type { HostDevice } from '../../../src/host/host.ts';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { bindDevice } from '../../../src/host/simulated/binding.ts';
import { openSimulatedHost, simulatedHostOn } from '../../../src/host/simulated/open.ts';
import { FaultyTree, failed } from '../support/faulty-tree.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import { diskHost, withKernel, withSetting } from '../support/hosts.ts';
import { linesOf } from '../support/trees.ts';

const uuidOf = (digit: number): string => `00000000-1111-4222-8333-00000000000${digit}`;

const LINUX_6_12 = withKernel(readSampleProfile('kernel-samples'), '6.12');
const OWN_NODES_ONLY = withSetting(LINUX_6_12, 'device-nodes', 'device');
const VM = { domain: 'vm' };

/** A change, and what reverts it. */
interface Change {
  readonly name: string;
  /** Default: a small one, whose devices have no attribute that can be set. */
  readonly profile?: string;
  readonly layout?: 'v7';
  readonly run: (host: SimulatedHost) => void;
  readonly revert: (host: SimulatedHost) => void;
}

const add = (host: SimulatedHost): void => create(host, 2);
const remove = (host: SimulatedHost): void => host.remove(device(host, 2));
/** One write: that a device is brought online, too, is the reader's. */
const addFlat = (host: SimulatedHost): void => flatRequest(host, 'create', ':type_id=small');
const removeFlat = (host: SimulatedHost): void => flatRequest(host, 'destroy', '');
const flatRequest = (host: SimulatedHost, what: string, params: string): void =>
  host.write(`/sys/devices/virtual/mbochs/mbochs/mdev_${what}`, `${uuidOf(2)}${params}`);
const open = (host: SimulatedHost): void => void host.open(host.devices().items, VM);
const close = (host: SimulatedHost): void => void host.close(VM);
const unbind = (host: SimulatedHost): void =>
  host.write(`/sys/bus/mdev/drivers/${host.details(device(host, 2)).driver}/unbind`, uuidOf(2));
const bind = (host: SimulatedHost): void =>
  host.change((simulation) => bindDevice(simulation, uuidOf(2)));
const set = (host: SimulatedHost, value: string): void =>
  host.setAttribute(device(host, 1), 'nvidia/vgpu_params', value);

/** Each begins with two devices, or with what its inverse leaves. */
const CHANGES: readonly Change[] = [
  { name: 'creation', run: add, revert: remove },
  { name: 'removal', run: remove, revert: add },
  { name: 'creation with a node of its own', profile: LINUX_6_12, run: add, revert: remove },
  { name: 'removal with a node of its own', profile: LINUX_6_12, run: remove, revert: add },
  { name: 'creation without a group', profile: OWN_NODES_ONLY, run: add, revert: remove },
  { name: 'removal without a group', profile: OWN_NODES_ONLY, run: remove, revert: add },
  { name: 'creation in the flat layout', layout: 'v7', run: addFlat, revert: removeFlat },
  { name: 'removal in the flat layout', layout: 'v7', run: removeFlat, revert: addFlat },
  { name: 'unbinding', run: unbind, revert: bind },
  { name: 'binding', run: bind, revert: unbind },
  { name: 'opening', run: open, revert: close },
  { name: 'closing', run: close, revert: open },
  {
    name: 'written attribute',
    profile: 'nvidia-m60',
    run: (host) => set(host, 'a=1'),
    revert: (host) => set(host, 'long_before=1'),
  },
  {
    name: 'written attribute of a matrix device',
    profile: 's390-ccw-ap',
    run: (host) => assign(host, 'assign_adapter'),
    revert: (host) => assign(host, 'unassign_adapter'),
  },
];

function assign(host: SimulatedHost, name: string): void {
  host.setAttribute(device(host, 1), 'assign_domain', '0x47');
  host.setAttribute(device(host, 1), name, '5');
}

function create(host: SimulatedHost, digit: number): void {
  const kinds = {
    mbochs: 'mbochs-small',
    '0000:86:00.0': 'nvidia-18',
    matrix: 'vfio_ap-passthrough',
  };
  for (const [address, type] of Object.entries(kinds)) {
    const parent = host.parent(address);
    if (parent !== undefined) host.create(parent, type, uuidOf(digit));
  }
}

function device(host: SimulatedHost, digit: number): HostDevice {
  const found = host.find(uuidOf(digit));
  if (found === undefined) throw new Error('no device');
  return found;
}

/** What a reader sees. */
function seen(host: SimulatedHost) {
  const parents = host.parents().items;
  const devices = host.devices().items;
  return {
    devices: devices.map((found) => [found, host.details(found), host.holders(found)]),
    types: parents.map((parent) => host.types(parent)),
    cards: parents.map((parent) => host.card(parent).devices.map(({ uuid }) => uuid)),
  };
}

const driversOf = (host: SimulatedHost) =>
  host.devices().items.map((found) => [found, host.details(found).driver]);

/** The devices that the uevents of a host's log leave. */
function devicesTold(tree: DiskTree): readonly string[] {
  const there = new Set<string>();
  for (const record of tree.read('/sim/uevents.log').split('\n\n')) {
    const [, action, uuid = ''] = /^(bind|remove)@.*\/([0-9a-f-]{36})$/mu.exec(record) ?? [];
    if (action === 'bind') there.add(uuid);
    if (action === 'remove') there.delete(uuid);
  }
  return [...there].toSorted();
}

describe.each(CHANGES)('a $name', ({ name, profile = 'kernel-samples', layout, run, revert }) => {
  it.each(['dies', 'fails', 'fails late'] as const)(
    'that %s happens whole or not at all, for readers at once, wherever it stopped',
    (fault) => {
      const { host, dispose } = diskHost(profile, layout);
      const tree = new FaultyTree(host.root ?? '');
      create(host, 1);
      if (name === 'removal in the flat layout') addFlat(host);
      else if (!name.startsWith('creation')) create(host, 2);
      if (name === 'closing') open(host);
      if (name === 'binding') unbind(host);
      run(host);
      const whole = linesOf(tree);
      revert(host);
      const before = linesOf(tree);
      const outcomes = new Set<string>();
      for (let step = 0, isOver = false; !isOver; step += 1) {
        Object.assign(tree, { fault, left: step });
        const isFailed = failed(() => run(simulatedHostOn(tree)));
        isOver = tree.left >= 0;
        tree.left = Number.POSITIVE_INFINITY;
        // Of a device whose driver goes or comes, readers see the driver at once; the rest follows.
        const atOnce = name.endsWith('binding') ? driversOf : seen;
        const reader = atOnce(host);
        const next = openSimulatedHost(host.root ?? '');
        next.repair();
        expect(next.isChanging()).toBe(false);
        expect(reader).toEqual(atOnce(host));
        expect(devicesTold(tree)).toEqual(host.devices().items.map(({ ref }) => ref.uuid));
        const found = linesOf(tree);
        expect([before, whole]).toContainEqual(found);
        const isBefore = found.join('\n') === before.join('\n');
        // A single call that failed late cannot be told from one that did not happen: the engine looks.
        const isTold =
          fault === 'fails' || (fault === 'fails late' && !name.startsWith('written attribute'));
        expect(!isTold || isBefore === isFailed).toBe(true);
        outcomes.add(isBefore ? 'not at all' : 'whole');
        if (!isBefore) revert(host);
      }
      expect(outcomes.has('whole')).toBe(true);
      expect(outcomes.size).toBe(fault === 'fails late' && name === 'written attribute' ? 1 : 2);
      dispose();
    },
  );
});
