import type { Connection } from '../../src/index.ts';
import { openSimulatedHost } from '../../src/host/simulated/open.ts';
import {
  FUNCTIONS,
  type Ground,
  MEDIATED,
  OPERATIONS,
  operationsOn,
  XML,
  xmlOn,
} from '../engine/journal/operations.ts';

/** A changing command, and what it starts from. */
export interface FaultOperation {
  readonly name: string;
  /** What its devices are; default {@link MEDIATED}. */
  readonly ground?: Ground;
  readonly before: (connection: Connection) => Promise<unknown>;
  readonly run: (connection: Connection) => Promise<unknown>;
  /** What a failure may leave as well, as documented. */
  readonly failed?: (connection: Connection) => Promise<unknown>;
}

const uuidOf = (digit: number): string => `00000000-0000-4000-8000-00000000000${digit}`;

const deviceXml = (digit: number, bus: number, group: string, type = 'nvidia-18'): string =>
  `<device><parent>pci_0000_${bus}_00_0</parent><capability type='mdev'><type id='${type}'/>
    <uuid>${uuidOf(digit)}</uuid><group>${group}</group></capability></device>`;

const domainXml = (name: string, digits: readonly number[]): string => {
  const hostdevs = digits.map(
    (digit) => `<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source>
      <address uuid='${uuidOf(digit)}'/></source></hostdev>`,
  );
  return `<domain type='kvm'><name>${name}</name><devices>${hostdevs.join('')}</devices></domain>`;
};

/** What is beside every operation, on other parents: a device with an owner, one that is defined, and another program's. */
export async function putBeside(connection: Connection, ground: Ground): Promise<void> {
  const isMediated = ground === MEDIATED;
  const beside = (digit: number, group: string): string =>
    isMediated ? deviceXml(digit, 87, group) : functionXml(digit, group);
  await connection.create(beside(7, 'owned'));
  await connection.claim('owned', { name: 'vm7' });
  await connection.define(beside(8, 'defined'));
  const host = openSimulatedHost(connection.uri.slice('sim://'.length));
  const parent = host.parent(isMediated ? '0000:87:00.0' : FUNCTIONS.addressOf(6));
  if (parent === undefined) throw new Error('no second parent');
  host.create(parent, ground.type, uuidOf(9));
}

const functionXml = (digit: number, group: string): string =>
  `<device><parent>pci_${FUNCTIONS.addressOf(digit).replaceAll(/[:.]/gu, '_')}</parent>
    <capability type='mdev'><type id='${FUNCTIONS.type}'/><uuid>${uuidOf(digit)}</uuid><group>${group}</group></capability></device>`;

/** A domain names a function by its address. */
const functionDomain = `<domain type='kvm'><name>vm1</name><devices>${[1, 2, 3]
  .map((digit) => {
    const [, slot, number] = /:0(\d)\.(\d)$/u.exec(FUNCTIONS.addressOf(digit)) ?? [];
    return `<hostdev mode='subsystem' type='pci' managed='no'><source>
      <address domain='0x0000' bus='0x42' slot='0x0${slot}' function='0x${number}'/></source></hostdev>`;
  })
  .join('')}</devices></domain>`;

/** The same on functions that take types, and what a domain's start and stop are there. */
const ON_FUNCTIONS: readonly FaultOperation[] = [
  ...operationsOn(FUNCTIONS),
  {
    name: 'prepare-domain',
    before: (connection: Connection) => connection.define(xmlOn(FUNCTIONS)),
    run: (connection: Connection) => connection.prepareDomain(functionDomain),
  },
  {
    name: 'release-domain',
    before: async (connection: Connection) => {
      await connection.define(xmlOn(FUNCTIONS));
      await connection.prepareDomain(functionDomain);
    },
    run: (connection: Connection) => connection.releaseDomain(functionDomain),
    failed: async (connection: Connection) => {
      await connection.startDomain(functionDomain);
      await connection.releaseDomain(functionDomain).catch(() => undefined);
      await connection.stopDomain('vm1');
    },
  },
  {
    name: 'sim-reset',
    before: (connection: Connection) => connection.create(xmlOn(FUNCTIONS)),
    run: (connection: Connection) => connection.resetHost(),
  },
].map((operation) => ({ ...operation, name: `${operation.name} on functions`, ground: FUNCTIONS }));

const WANTED = `<devices>${deviceXml(1, 86, 'g')}${deviceXml(4, 86, 'new')}</devices>`;

/** Every changing command. */
export const FAULT_OPERATIONS: readonly FaultOperation[] = [
  ...OPERATIONS,
  {
    name: 'autostart',
    before: (connection) => connection.define(XML),
    run: (connection) => connection.autostart(uuidOf(1), true),
  },
  {
    name: 'claim',
    before: async (connection) => {
      await connection.define(XML);
      await connection.startGroup('g');
    },
    run: (connection) => connection.claim('g', { name: 'vm1' }),
  },
  {
    name: 'release',
    before: async (connection) => {
      await connection.define(XML);
      await connection.startGroup('g');
      await connection.claim('g', { name: 'vm1' });
    },
    run: (connection) => connection.release('g'),
  },
  {
    name: 'adopt',
    before: () => Promise.resolve(),
    run: (connection) => connection.claimDevices([uuidOf(9)], { name: 'vm1' }, { adopt: true }),
  },
  {
    name: 'gc',
    before: (connection) => connection.create(XML),
    run: async (connection) => {
      const { failed } = await connection.gc({ olderThan: 0 });
      for (const { error } of failed) throw error;
    },
  },
  {
    name: 'apply',
    before: (connection) => connection.create(XML),
    run: async (connection) => connection.apply(await connection.plan(WANTED, { prune: true })),
  },
  {
    name: 'apply-regroup',
    before: async (connection) => {
      await connection.define(XML);
      await connection.startGroup('g');
      await connection.apply(await connection.plan([deviceXml(1, 86, 'g'), domainXml('vm1', [1])]));
    },
    run: async (connection) =>
      connection.apply(await connection.plan([deviceXml(1, 86, 'h'), domainXml('vm2', [1])])),
  },
  {
    name: 'prepare-domain',
    before: (connection) => connection.define(XML),
    run: (connection) => connection.prepareDomain(domainXml('vm1', [1, 2, 3])),
  },
  {
    name: 'release-domain',
    before: async (connection) => {
      await connection.define(XML);
      await connection.prepareDomain(domainXml('vm1', [1, 2, 3]));
    },
    run: (connection) => connection.releaseDomain(domainXml('vm1', [1, 2, 3])),
    // The loans end even when the devices cannot be stopped, here because they are in use.
    failed: async (connection) => {
      await connection.startDomain(domainXml('vm1', [1, 2, 3]));
      await connection.releaseDomain(domainXml('vm1', [1, 2, 3])).catch(() => undefined);
      await connection.stopDomain('vm1');
    },
  },
  {
    name: 'sim-start',
    before: (connection) => connection.create(XML),
    run: (connection) => connection.startDomain(domainXml('vm1', [1, 2, 3])),
  },
  {
    name: 'sim-stop',
    before: async (connection) => {
      await connection.create(XML);
      await connection.startDomain(domainXml('vm1', [1, 2, 3]));
    },
    run: (connection) => connection.stopDomain('vm1'),
  },
  {
    name: 'sim-reset',
    before: (connection) => connection.create(XML),
    run: (connection) => connection.resetHost(),
  },
  ...ON_FUNCTIONS,
];

export function faultOperationOf(name: string): FaultOperation {
  const operation = FAULT_OPERATIONS.find((candidate) => candidate.name === name);
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation;
}
