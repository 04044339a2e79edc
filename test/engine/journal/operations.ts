import type { NodeDeviceManager } from '../../../src/index.ts';

/** Everything of a host that an operation can change. */
export async function stateOf(manager: NodeDeviceManager) {
  const { items, problems } = await manager.list({ state: 'all' });
  const mediated = items.filter((item) => item.uuid !== undefined);
  const documents = mediated.flatMap(({ name, active, persistent }) => [
    ...(active ? [manager.dumpxml(name)] : []),
    ...(persistent ? [manager.dumpxml(name, { inactive: true })] : []),
  ]);
  return {
    items,
    problems: problems.map(({ message }) => message),
    infos: await Promise.all(mediated.map(({ name }) => manager.info(name))),
    // A device that comes back has another IOMMU group: the kernel numbers them.
    documents: (await Promise.all(documents)).map((text) => text.replace(/<iommuGroup.*/, '')),
    groups: await manager.groups(),
    types: await manager.types(),
  };
}

const deviceXml = (digit: number, limit: number): string =>
  `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'>
    <type id='nvidia-18'/><uuid>00000000-0000-4000-8000-00000000000${digit}</uuid>
    <group>g</group><params>frame_rate_limiter=${limit}</params></capability></device>`;

/** A group of three. */
export const XML = `<devices>${[1, 2, 3].map((digit) => deviceXml(digit, digit)).join('')}</devices>`;

/** A change of that group, and what it starts from. */
export interface Operation {
  readonly name: string;
  readonly before: (manager: NodeDeviceManager) => Promise<unknown>;
  readonly run: (manager: NodeDeviceManager) => Promise<unknown>;
}

export const OPERATIONS: readonly Operation[] = [
  {
    name: 'create',
    before: async () => undefined,
    run: (manager) => manager.create(XML),
  },
  {
    name: 'define',
    before: async () => undefined,
    run: (manager) => manager.define(XML),
  },
  {
    name: 'destroy',
    before: (manager) => manager.create(XML),
    run: (manager) => manager.destroyGroup('g'),
  },
  {
    name: 'start',
    before: (manager) => manager.define(XML),
    run: (manager) => manager.startGroup('g'),
  },
  {
    name: 'undefine',
    before: (manager) => manager.define(XML),
    run: async (manager) =>
      manager.undefine((await manager.group('g')).members.map(({ name }) => name)),
  },
  {
    name: 'update',
    before: async (manager) => {
      await manager.define(XML);
      await manager.startGroup('g');
    },
    run: (manager) =>
      manager.update('00000000-0000-4000-8000-000000000003', deviceXml(3, 0), {
        live: true,
        config: true,
      }),
  },
  {
    name: 'regroup',
    before: async (manager) => {
      await manager.define(XML);
      await manager.startGroup('g');
      await manager.create(deviceXml(4, 0).replace('<group>g<', '<group>h<'));
    },
    run: (manager) =>
      manager.addToGroup('h', [
        '00000000-0000-4000-8000-000000000003',
        '00000000-0000-4000-8000-000000000001',
      ]),
  },
];

export function operationOf(name: string): Operation {
  const operation = OPERATIONS.find((candidate) => candidate.name === name);
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation;
}
