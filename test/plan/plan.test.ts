import { profileWith } from '../support/profile-with.ts';
import { describe, expect, it, vi } from 'vitest';
import { type Connection, withPlanning } from '../../src/plan/connection.ts';
import type { Plan, PlanOptions } from '../../src/plan/plan.ts';
import { Fuse, managerOf, newWorld } from '../engine/journal/fused-manager.ts';
import { stateOf } from '../engine/journal/operations.ts';
import { uuidOf } from './hosts.ts';
import {
  createAround,
  domainXml,
  open,
  type PlannedHost,
  plannedHost,
  type Wish,
  wishXml,
} from './planned-host.ts';

const GPU = '0000:86:00.0';
const OTHER_GPU = '0000:87:00.0';
const [A, B, C] = [uuidOf(1), uuidOf(2), uuidOf(3)] as const;
const vgpu = (uuid: string, more: Partial<Wish> = {}): string =>
  wishXml({ uuid, parent: GPU, type: 'nvidia-18', ...more });

/** `action uuid's last digit`, with what it changes. */
function told({ actions }: Plan): readonly string[] {
  return actions.map((action) => {
    if (action.action === 'set-up') return `set-up ${action.words}`;
    if ('owner' in action) {
      return `${action.action} ${action.group} ${action.owner.name}`;
    }
    const changes = (action.changes ?? []).map(
      ({ what, before, after }) => ` ${what}:${before ?? '-'}>${after ?? '-'}`,
    );
    const autostart = action.action === 'define' && action.autostart ? ' autostart' : '';
    return `${action.action} ${action.device.uuid.slice(-1)}${changes.join('')}${autostart}`;
  });
}

const left = (plan: Plan): readonly string[] =>
  plan.left.map(({ uuid, reason, by }) => `${uuid.slice(-1)} ${reason}${by ? ` ${by}` : ''}`);

const withUuid = (domain: string): string =>
  domain.replace('</name>', '</name><uuid>8a3c2f5e-9b1d-4f6a-8c7e-2d4b6f8a0c1e</uuid>');

async function applied(connection: Connection, desired: readonly string[]): Promise<void> {
  await connection.apply(await connection.plan(desired));
}

interface Case {
  readonly what: string;
  readonly before?: (given: PlannedHost) => unknown;
  readonly desired: readonly string[];
  readonly options?: PlanOptions;
  readonly actions: readonly string[];
  readonly left?: readonly string[];
}

const CASES: readonly Case[] = [
  { what: 'creates', desired: [vgpu(A), vgpu(B)], actions: ['create 1', 'create 2'] },
  {
    what: 'leaves what is as desired',
    before: ({ connection }) => connection.create(vgpu(A, { group: 'g', params: 'x=1' })),
    desired: [vgpu(A, { group: 'g', params: 'x=1' }), vgpu(B, { group: 'g' })],
    actions: ['create 2'],
    left: ['1 unchanged'],
  },
  {
    what: 'leaves settings and groups it is not told',
    before: ({ connection }) => connection.create(vgpu(A, { group: 'g', params: 'x=1' })),
    desired: [vgpu(A)],
    actions: [],
    left: ['1 unchanged'],
  },
  {
    what: 'updates settings and names',
    before: ({ connection }) => connection.create(vgpu(A, { params: 'x=1', name: 'old' })),
    desired: [vgpu(A, { params: 'x=2', name: 'new' })],
    actions: ['update 1 name:old>new nvidia/vgpu_params:x=1>x=2'],
  },
  {
    what: 'starts what is defined',
    before: ({ connection }) => connection.define(vgpu(A)),
    desired: [vgpu(A)],
    actions: ['start 1'],
  },
  {
    what: 'defines as well',
    desired: [vgpu(A)],
    options: { define: true },
    actions: ['define 1', 'start 1'],
  },
  {
    what: 'defines what is active',
    before: ({ connection }) => connection.create(vgpu(A)),
    desired: [vgpu(A)],
    options: { define: true },
    actions: ['define 1'],
    left: ['1 unchanged'],
  },
  {
    what: 'changes definitions',
    before: ({ connection }) => connection.define(vgpu(A, { params: 'x=1' })),
    desired: [vgpu(A, { params: 'x=2' })],
    options: { define: true, autostart: true },
    actions: ['redefine 1 nvidia/vgpu_params:x=1>x=2 autostart:false>true', 'start 1'],
  },
  {
    what: 'leaves autostart as it is',
    before: async ({ connection }) => {
      await connection.define(vgpu(A), { autostart: true });
      await connection.start(A);
    },
    desired: [vgpu(A)],
    options: { define: true },
    actions: [],
    left: ['1 unchanged'],
  },
  {
    what: 'gives the group to the domain that uses a device of it',
    desired: [vgpu(A, { group: 'g' }), vgpu(B, { group: 'g' }), domainXml('vm1', [B])],
    actions: ['create 1', 'create 2', 'claim g vm1'],
  },
  {
    what: 'claims once',
    before: async ({ connection }) => {
      await connection.create(vgpu(A, { group: 'g' }));
      await connection.claim('g', { name: 'vm1' });
    },
    desired: [vgpu(A, { group: 'g' }), domainXml('vm1', [A])],
    actions: [],
    left: ['1 unchanged'],
  },
  {
    what: 'claims what the domain has open already, so that it stays its own',
    before: async ({ connection, host }) => {
      await connection.create(vgpu(A, { group: 'g' }));
      open(host, 'vm1', A);
    },
    desired: [vgpu(A, { group: 'g' }), domainXml('vm1', [A])],
    actions: ['claim g vm1'],
    left: ["1 unchanged domain 'vm1'"],
  },
  {
    what: 'destroys nothing unless it is told to',
    before: ({ connection }) => connection.create(vgpu(A)),
    desired: [vgpu(B)],
    actions: ['create 2'],
    left: ['1 undesired'],
  },
  {
    what: 'destroys first, which makes room',
    before: ({ connection }) => connection.create(vgpu(A)),
    desired: [vgpu(B, { type: 'nvidia-22' })],
    options: { prune: true },
    actions: ['destroy 1', 'create 2'],
  },
  {
    what: 'makes another device anew',
    before: ({ connection }) => connection.create(vgpu(A)),
    desired: [vgpu(A, { type: 'nvidia-22', parent: OTHER_GPU })],
    options: { prune: true },
    actions: ['destroy 1 parent:0000:86:00.0>0000:87:00.0 type:nvidia-18>nvidia-22', 'create 1'],
  },
  {
    what: 'moves a device to another group, active and defined',
    before: async ({ connection }) => {
      await connection.define(vgpu(A, { group: 'one', params: 'x=1' }));
      await connection.start(A);
      await connection.define(vgpu(B, { group: 'one' }));
    },
    desired: [vgpu(A, { group: 'two', params: 'x=2' }), vgpu(B, { group: 'two' })],
    actions: [
      'regroup 1 group:one>two',
      'regroup 2 group:one>two',
      'redefine 1 nvidia/vgpu_params:x=1>x=2',
      'start 2',
      'update 1 nvidia/vgpu_params:x=1>x=2',
    ],
  },
  {
    what: 'moves a device to the group of its next domain',
    before: async ({ connection }) => {
      const before = [vgpu(A, { group: 'one' }), domainXml('vm1', [A])];
      await connection.apply(await connection.plan(before));
    },
    desired: [vgpu(A, { group: 'two' }), domainXml('vm2', [A])],
    actions: ['release one vm1', 'regroup 1 group:one>two', 'claim two vm2'],
  },
  {
    what: 'moves a definition whose device is in the group already',
    before: async ({ connection }) => {
      await connection.create(vgpu(A, { group: 'two' }));
      await connection.define(vgpu(A, { group: 'one' }));
    },
    desired: [vgpu(A, { group: 'two' })],
    actions: ['regroup 1 group:one>two'],
    left: ['1 unchanged'],
  },
  {
    what: 'leaves what a desired domain has, and no document describes',
    before: async ({ connection, host }) => {
      await connection.define(vgpu(A));
      await connection.start(A);
      createAround(host, GPU, 'nvidia-18', B);
      await connection.create(vgpu(C));
    },
    desired: [domainXml('vm1', [A, B])],
    options: { prune: true },
    actions: ['destroy 3'],
    left: ['1 unchanged', '2 foreign'],
  },
  {
    what: 'leaves what is in use, given to a domain, or made by others',
    before: async ({ connection, host }) => {
      await connection.create(vgpu(A));
      await connection.create(vgpu(B));
      await connection.claim(B, { name: 'vm2' });
      createAround(host, GPU, 'nvidia-18', C);
      open(host, 'vm1', A);
    },
    desired: [],
    options: { prune: true, define: true },
    actions: [],
    left: ["1 in-use domain 'vm1'", '2 owned vm2', '3 foreign'],
  },
  {
    what: 'takes definitions away, active or not',
    before: async ({ connection }) => {
      await connection.define(vgpu(A));
      await connection.define(vgpu(B));
      await connection.start(B);
    },
    desired: [],
    options: { prune: true },
    actions: ['destroy 2', 'undefine 1', 'undefine 2'],
  },
  {
    what: 'leaves definitions unless it is told to',
    before: ({ connection }) => connection.define(vgpu(A)),
    desired: [],
    actions: [],
    left: ['1 undesired'],
  },
  {
    what: 'changes the type in the definition, too, and keeps its autostart',
    before: async ({ connection }) => {
      await connection.define(vgpu(A), { autostart: true });
      await connection.start(A);
    },
    desired: [vgpu(A, { type: 'nvidia-22' })],
    options: { prune: true },
    actions: [
      'destroy 1 type:nvidia-18>nvidia-22',
      'undefine 1 type:nvidia-18>nvidia-22',
      'define 1 autostart',
      'start 1',
    ],
  },
  {
    what: 'mends the definition of what is active as desired',
    before: async ({ connection }) => {
      await connection.define(vgpu(A, { params: 'x=1' }));
      await connection.start(A);
      await connection.update(A, vgpu(A, { params: 'x=2' }), { live: true });
    },
    desired: [vgpu(A, { params: 'x=2' })],
    actions: ['redefine 1 nvidia/vgpu_params:x=1>x=2'],
    left: ['1 unchanged'],
  },
  {
    what: 'changes the type of what it gave to a domain',
    before: ({ connection }) => applied(connection, [vgpu(A), domainXml('vm1', [A])]),
    desired: [vgpu(A, { type: 'nvidia-22' }), domainXml('vm1', [A])],
    options: { prune: true },
    actions: [
      `release ${A} vm1`,
      'destroy 1 type:nvidia-18>nvidia-22',
      'create 1',
      `claim ${A} vm1`,
    ],
  },
  {
    what: 'changes the type of what was claimed by hand for the same domain',
    before: async ({ connection }) => {
      await connection.create(vgpu(A));
      await connection.claim(A, { name: 'vm1' });
    },
    desired: [vgpu(A, { type: 'nvidia-22' }), domainXml('vm1', [A])],
    options: { prune: true },
    actions: [
      `release ${A} vm1`,
      'destroy 1 type:nvidia-18>nvidia-22',
      'create 1',
      `claim ${A} vm1`,
    ],
  },
  {
    what: 'gives the device of a renamed domain to the new name',
    before: ({ connection }) => applied(connection, [vgpu(A), domainXml('vm1', [A])]),
    desired: [vgpu(A), domainXml('vm2', [A])],
    actions: [`release ${A} vm1`, `claim ${A} vm2`],
    left: ['1 unchanged'],
  },
  {
    what: 'knows a renamed domain by its uuid',
    before: ({ connection }) => applied(connection, [vgpu(A), withUuid(domainXml('vm1', [A]))]),
    desired: [vgpu(A), withUuid(domainXml('vm2', [A]))],
    actions: [`claim ${A} vm2`],
    left: ['1 unchanged'],
  },
  {
    what: 'takes the device of a removed domain',
    before: ({ connection }) =>
      applied(connection, [vgpu(A), vgpu(B), domainXml('vm1', [A]), domainXml('vm2', [B])]),
    desired: [vgpu(B), domainXml('vm2', [B])],
    options: { prune: true },
    actions: [`release ${A} vm1`, 'destroy 1'],
    left: ['2 unchanged'],
  },
  {
    what: 'but not unless it is told to',
    before: ({ connection }) => applied(connection, [vgpu(A), domainXml('vm1', [A])]),
    desired: [vgpu(B)],
    actions: ['create 2'],
    left: ['1 left-over'],
  },
  {
    what: 'takes back what a removed domain had, when the device stays',
    before: ({ connection }) => applied(connection, [vgpu(A), domainXml('vm1', [A])]),
    desired: [vgpu(A)],
    options: { prune: true },
    actions: [`release ${A} vm1`],
    left: ['1 unchanged'],
  },
  {
    what: 'takes one of two devices of a domain',
    before: ({ connection }) =>
      applied(connection, [
        vgpu(A, { group: 'g' }),
        vgpu(B, { group: 'g' }),
        domainXml('vm1', [A, B]),
      ]),
    desired: [vgpu(A, { group: 'g' }), domainXml('vm1', [A])],
    options: { prune: true },
    actions: ['release g vm1', 'destroy 2', 'claim g vm1'],
    left: ['1 unchanged'],
  },
  {
    what: 'leaves what a removed domain has open',
    before: async ({ connection, host }) => {
      await applied(connection, [vgpu(A), domainXml('vm1', [A])]);
      open(host, 'vm1', A);
    },
    desired: [],
    options: { prune: true },
    actions: [],
    left: ["1 in-use domain 'vm1'"],
  },
  {
    what: 'switches a card to another size when all its devices may go',
    before: ({ connection }) => applied(connection, [vgpu(A), vgpu(B), domainXml('vm1', [A])]),
    desired: [vgpu(C, { type: 'nvidia-22' }), domainXml('vm1', [C])],
    options: { prune: true },
    actions: [`release ${A} vm1`, 'destroy 1', 'destroy 2', 'create 3', `claim ${C} vm1`],
  },
  {
    what: 'is content with a device that others made',
    before: ({ host }) => createAround(host, GPU, 'nvidia-18', A),
    desired: [vgpu(A)],
    actions: [],
    left: ['1 foreign'],
  },
  {
    what: 'adopts what others made, when it is told to',
    before: ({ host }) => createAround(host, GPU, 'nvidia-18', A),
    desired: [vgpu(A, { group: 'g' }), domainXml('vm1', [A])],
    options: { adopt: true },
    actions: ['adopt 1', 'claim g vm1'],
  },
  {
    what: 'changes what it adopts',
    before: ({ host }) => createAround(host, GPU, 'nvidia-18', A),
    desired: [vgpu(A, { params: 'x=1' })],
    options: { adopt: true },
    actions: ['adopt 1', 'update 1 nvidia/vgpu_params:->x=1'],
  },
  {
    what: 'makes anew what it adopts',
    before: ({ host }) => createAround(host, GPU, 'nvidia-18', A),
    desired: [vgpu(A, { type: 'nvidia-22' })],
    options: { adopt: true, prune: true },
    actions: ['adopt 1', 'destroy 1 type:nvidia-18>nvidia-22', 'create 1'],
  },
  {
    what: 'takes away what others made and nobody uses',
    before: ({ host }) => {
      createAround(host, GPU, 'nvidia-18', A);
      createAround(host, GPU, 'nvidia-18', B);
      open(host, 'vm1', B);
    },
    desired: [],
    options: { adopt: true, prune: true },
    actions: ['adopt 1', 'destroy 1'],
    left: ["2 in-use domain 'vm1'"],
  },
  {
    what: 'finds parents for those that have none, beside the others',
    desired: [vgpu(A, { parent: undefined, type: 'nvidia-22' }), vgpu(B)],
    actions: ['create 1', 'create 2'],
  },
  {
    what: 'leaves a device without a parent where it is',
    before: ({ connection }) => connection.create(vgpu(A, { parent: OTHER_GPU })),
    desired: [vgpu(A, { parent: undefined })],
    actions: [],
    left: ['1 unchanged'],
  },
];

describe('what a plan does', () => {
  it.each(CASES)('$what', async ({ before, desired, options, actions, left: stays = [] }) => {
    const given = plannedHost();
    await before?.(given);
    const plan = await given.connection.plan(desired, options);
    expect(plan.refusals).toEqual([]);
    expect(told(plan)).toEqual(actions);
    expect(left(plan)).toEqual(stays);
    await given.connection.apply(plan);
    const again = await given.connection.plan(desired, options);
    expect([again.actions, again.refusals]).toEqual([[], []]);
  });
});

it.each<readonly [string, PlanOptions, (given: PlannedHost) => Promise<unknown>]>([
  [
    'a definition that is started',
    {},
    ({ connection }) => connection.define(vgpu(A, { params: 'x=1' })),
  ],
  [
    'a device that is defined',
    { define: true },
    ({ connection }) => connection.create(vgpu(A, { params: 'x=1' })),
  ],
])('%s keeps the settings no document speaks of', async (_, options, before) => {
  const given = plannedHost();
  await before(given);
  const { connection } = given;
  await connection.apply(await connection.plan([vgpu(A)], options));
  expect(await connection.dumpxml(A)).toContain('<params>x=1</params>');
  const definition = await connection.dumpxml(A, { inactive: true });
  expect(definition).toMatch(/x=1/);
});

interface Refusal {
  readonly what: string;
  readonly profile?: string;
  readonly before?: (given: PlannedHost) => unknown;
  readonly desired: readonly string[];
  readonly options?: PlanOptions;
  readonly code: string;
  readonly message: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  {
    what: 'no such parent',
    desired: [vgpu(A, { parent: 'pci_0000_86_00_1' })],
    code: 'parent-unknown',
    message: /invalid parent device 'pci_0000_86_00_1'/,
  },
  {
    what: 'no such type',
    desired: [vgpu(A, { type: 'nvidia-99' })],
    code: 'type-unknown',
    message: /does not support mdev type 'nvidia-99'/,
  },
  {
    what: 'no such type anywhere',
    desired: [vgpu(A, { type: 'nvidia-99', parent: undefined })],
    code: 'type-unknown',
    message: /no parent offers mdev type 'nvidia-99'/,
  },
  {
    what: 'no room',
    desired: [vgpu(A), vgpu(B, { type: 'nvidia-22' })],
    code: 'no-instances',
    message: /No available instances of nvidia-22/,
  },
  {
    what: 'no place',
    desired: [A, B, C].map((uuid) => vgpu(uuid, { type: 'nvidia-22', parent: undefined })),
    code: 'no-instances',
    message: /empty card/,
  },
  {
    what: 'one uuid twice',
    desired: [vgpu(A), vgpu(A)],
    code: 'uuid-exists',
    message: /given to two/,
  },
  {
    what: 'params nobody takes',
    profile: 'kernel-samples',
    desired: [vgpu(A, { parent: 'mtty', type: 'mtty-1', params: 'x' })],
    code: 'params-unsupported',
    message: /takes no <params>/,
  },
  {
    what: 'another type under the uuid',
    before: ({ connection }) => connection.create(vgpu(A)),
    desired: [vgpu(A, { type: 'nvidia-17' })],
    code: 'definition-mismatch',
    message: /type nvidia-18, not nvidia-17/,
  },
  {
    what: 'another group while the VM runs',
    before: async ({ connection, host }) => {
      await connection.create(vgpu(A, { group: 'one' }));
      open(host, 'vm1', A);
    },
    desired: [vgpu(A, { group: 'two' })],
    options: { prune: true },
    code: 'group-open',
    message: /group 'one' is open in domain 'vm1'/,
  },
  {
    what: "another group for a device of a domain's",
    before: async ({ connection }) => {
      await connection.create(vgpu(A, { group: 'one' }));
      await connection.claim('one', { name: 'vm1' });
    },
    desired: [vgpu(A, { group: 'two' })],
    code: 'group-owned',
    message: /group 'one' belongs to domain 'vm1'/,
  },
  {
    what: 'another definition under the uuid',
    before: ({ connection }) => connection.define(vgpu(A)),
    desired: [vgpu(A, { type: 'nvidia-17' })],
    options: { define: true },
    code: 'definition-mismatch',
    message: /type nvidia-18, not nvidia-17/,
  },
  {
    what: 'another device in use',
    before: async ({ connection, host }) => {
      await connection.create(vgpu(A));
      open(host, 'vm1', A);
    },
    desired: [vgpu(A, { type: 'nvidia-17' })],
    options: { prune: true },
    code: 'in-use',
    message: /in use by domain 'vm1'/,
  },
  {
    what: "another device of a domain's group",
    before: async ({ connection }) => {
      await connection.create(vgpu(A));
      await connection.claim(A, { name: 'vm1' });
    },
    desired: [vgpu(A, { type: 'nvidia-17' })],
    options: { prune: true },
    code: 'group-owned',
    message: /belongs to domain 'vm1'/,
  },
  {
    what: 'a group of another domain',
    before: async ({ connection }) => {
      await connection.create(vgpu(A, { group: 'g' }));
      await connection.claim('g', { name: 'vm1' });
    },
    desired: [vgpu(A), domainXml('vm2', [A])],
    code: 'group-member',
    message: /member of group 'g', which belongs to domain 'vm1'/,
  },
  {
    what: 'one group for two domains, one of which has a device that is not desired',
    before: async ({ connection }) => {
      await connection.create(vgpu(A, { group: 'g' }));
    },
    desired: [vgpu(B, { group: 'g' }), domainXml('vm2', [A]), domainXml('vm1', [B])],
    code: 'group-member',
    message: /member of group 'g', which belongs to domain 'vm2'/,
  },
  {
    what: 'one group for two domains',
    desired: [
      vgpu(A, { group: 'g' }),
      vgpu(B, { group: 'g' }),
      domainXml('vm1', [A]),
      domainXml('vm2', [B]),
    ],
    code: 'group-member',
    message: /which belongs to domain 'vm1'/,
  },
  {
    what: 'two groups for one domain whose card takes one',
    profile: profileWith('nvidia-m60', 'requires-group', 'yes'),
    desired: [vgpu(A), vgpu(B), domainXml('vm1', [A, B])],
    code: 'group-required',
    message: /in different groups/,
  },
  {
    what: 'a member for a group that is open',
    before: async ({ connection, host }) => {
      await connection.create(vgpu(A, { group: 'g' }));
      open(host, 'vm1', A);
    },
    desired: [vgpu(A, { group: 'g' }), vgpu(B, { group: 'g' })],
    code: 'hotplug-refused',
    message: /group 'g' is open in domain 'vm1'/,
  },
  {
    what: 'settings of a device that others made',
    before: ({ host }) => createAround(host, GPU, 'nvidia-18', A),
    desired: [vgpu(A, { params: 'x=1' })],
    code: 'device-foreign',
    message: /was not created by virt-nodedev/,
  },
  {
    what: 'a domain for a device that others made',
    before: ({ host }) => createAround(host, GPU, 'nvidia-18', A),
    desired: [vgpu(A), domainXml('vm1', [A])],
    code: 'device-foreign',
    message: /was not created by virt-nodedev/,
  },
];

describe('what a plan refuses', () => {
  it.each(REFUSALS)('$what', async ({ profile, before, desired, options, code, message }) => {
    const given = plannedHost(profile);
    await before?.(given);
    const state = await stateOf(given.connection);
    const plan = await given.connection.plan(desired, options);
    expect(plan.applicable).toBe(false);
    expect(plan.refusals[0]).toMatchObject({ code, message: expect.stringMatching(message) });
    await expect(given.connection.apply(plan)).rejects.toMatchObject({
      code: 'plan-refused',
      issues: plan.refusals,
    });
    expect(await stateOf(given.connection)).toEqual(state);
  });
});

it('reports everything that cannot be done, not only the first', async () => {
  const { connection } = plannedHost();
  const { refusals } = await connection.plan([
    vgpu(A, { parent: 'nowhere' }),
    vgpu(B, { type: 'nvidia-99' }),
  ]);
  expect(refusals.map(({ code }) => code)).toEqual(['parent-unknown', 'type-unknown']);
});

it('refuses a domain whose device is neither desired nor there', async () => {
  const { connection } = plannedHost();
  const { refusals, applicable } = await connection.plan([domainXml('vm1', [A])]);
  expect(applicable).toBe(false);
  expect(refusals).toMatchObject([{ code: 'device-inactive', location: { line: 1 } }]);
});

describe('a host that has changed since', () => {
  const changes: readonly (readonly [string, (given: PlannedHost) => unknown])[] = [
    ['a device more', ({ host }) => createAround(host, GPU, 'nvidia-18', C)],
    ['a definition more', ({ connection }) => connection.define(vgpu(C))],
    ['an owner', ({ connection }) => connection.claim('g', { name: 'vm1' })],
    ['a VM started', ({ host }) => open(host, 'vm1', A)],
  ];
  it.each(changes)('%s: the plan is stale', async (_, change) => {
    const given = plannedHost();
    await given.connection.create(vgpu(A, { group: 'g' }));
    const plan = await given.connection.plan([vgpu(A), vgpu(B)]);
    await change(given);
    const state = await stateOf(given.connection);
    await expect(given.connection.apply(plan)).rejects.toMatchObject({ code: 'plan-stale' });
    expect(await stateOf(given.connection)).toEqual(state);
  });

  it('on a card the plan is not about: it is not', async () => {
    const { connection, host } = plannedHost();
    const plan = await connection.plan([vgpu(A)]);
    createAround(host, OTHER_GPU, 'nvidia-18', C);
    expect((await connection.apply(plan)).devices).toHaveLength(1);
  });

  it('anywhere, when the plan is about all cards', async () => {
    const { connection, host } = plannedHost();
    const plan = await connection.plan([vgpu(A)], { prune: true });
    createAround(host, OTHER_GPU, 'nvidia-18', C);
    await expect(connection.apply(plan)).rejects.toMatchObject({ code: 'plan-stale' });
  });
});

it('reports each step', async () => {
  const { connection } = plannedHost();
  await connection.create(vgpu(C));
  const plan = await connection.plan([vgpu(A), vgpu(B), domainXml('vm1', [A])], {
    prune: true,
    define: true,
  });
  const steps: string[] = [];
  await connection.apply(plan, { onProgress: (done, total) => steps.push(`${done}/${total}`) });
  expect(steps).toEqual(['1/5', '2/5', '3/5', '4/5', '5/5']);
});

it('writes the journal as often for many updates as for one', async () => {
  const writesFor = async (count: number): Promise<number> => {
    const world = newWorld(new Fuse());
    const connection = withPlanning(managerOf(new Fuse(), world));
    const wishes = (value: number): readonly string[] =>
      Array.from({ length: count }, (_, index) =>
        vgpu(uuidOf(index + 1), { type: 'nvidia-11', params: `x=${value}` }),
      );
    await connection.apply(await connection.plan(wishes(1), { define: true }));
    const write = vi.spyOn(world.journal, 'write');
    const { actions } = await connection.apply(await connection.plan(wishes(2), { define: true }));
    expect(actions).toHaveLength(2 * count);
    return write.mock.calls.length;
  };
  expect(await writesFor(8)).toBe(await writesFor(1));
});

it("looks at the uses of no other program's device on a card that it is not about", async () => {
  const { connection, host } = plannedHost();
  await applied(connection, [vgpu(A)]);
  createAround(host, OTHER_GPU, 'nvidia-18', B);
  const uses = [vi.spyOn(host, 'holders'), vi.spyOn(host, 'openObstacle')];
  await connection.plan([vgpu(A), vgpu(C)]);
  const seen = uses.flatMap(({ mock }) => mock.calls.map(([device]) => device.ref.parent));
  expect(new Set(seen)).toEqual(new Set([GPU]));
});

describe('functions that take types', () => {
  const [GPU_FUNCTION, OTHER_FUNCTION] = ['0000:42:00.4', '0000:42:00.5'];
  const device = wishXml({ uuid: A, parent: GPU_FUNCTION, type: 'nvidia-1155' });
  const domain = (digit: number): string =>
    `<domain type='kvm'><name>vm1</name><devices><hostdev mode='subsystem' type='pci' managed='no'><source>
      <address domain='0x0000' bus='0x42' slot='0x00' function='0x${digit}'/></source></hostdev></devices></domain>`;

  it('are claimed for the domain that names their address', async () => {
    const { connection } = plannedHost('nvidia-l40s');
    const plan = await connection.plan([device, domain(4)]);
    expect(told(plan)).toEqual(['create 1', `claim ${A} vm1`]);
    await connection.apply(plan);
    expect(told(await connection.plan([device, domain(4)]))).toEqual([]);
    expect(told(await connection.plan([device]))).toEqual([]);
  });

  it('are refused to a domain while they have no type', async () => {
    const { connection } = plannedHost('nvidia-l40s');
    const { applicable, refusals } = await connection.plan([device, domain(5)]);
    expect(applicable).toBe(false);
    expect(refusals).toMatchObject([{ code: 'device-inactive' }]);
    expect(refusals[0]?.message).toContain(OTHER_FUNCTION);
  });

  it('are taken in their order, of a GPU that is named; a device stays at its function', async () => {
    const { connection } = plannedHost('nvidia-l40s');
    const on = (parent: string, uuid: string): string =>
      wishXml({ uuid, parent, type: 'nvidia-1155' });
    const wishes = [on('pci_0000_42_00_0', A), on('0000:42:00.0', B)];
    const plan = await connection.plan(wishes);
    const placed = plan.actions.map((action) => 'device' in action && action.device.parent);
    expect(placed).toEqual(['0000:42:00.4', '0000:42:00.5']);
    await connection.apply(plan);
    expect((await connection.plan(wishes.toReversed())).actions).toEqual([]);
    // All 32 functions, and no more; an L40S takes two of 24 GB.
    const many = Array.from({ length: 33 }, (_, index) => on('0000:42:00.0', uuidOf(index + 10)));
    const { refusals } = await connection.plan(many);
    expect(refusals.map(({ code }) => code)).toContain('no-instances');
  });
});
