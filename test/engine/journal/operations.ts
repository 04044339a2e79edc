import type { Host } from '../../../src/host/host.ts';
import { PEER_UUID } from '../../../src/host/peer-to-peer.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import type { NodeDeviceManager } from '../../../src/index.ts';
import { withSetting } from '../../host/support/hosts.ts';

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
    // A device that comes back has another IOMMU group, and other files: the kernel numbers them.
    infos: await Promise.all(
      mediated.map(async ({ name }) => ({ ...(await manager.info(name)), deviceNodes: undefined })),
    ),
    documents: (await Promise.all(documents)).map((text) => text.replace(/<iommuGroup.*/, '')),
    groups: await manager.groups(),
    types: await manager.types(),
  };
}

/** Where the devices of the operations are: their type, and the parent of the device with a uuid's last digit. */
export interface Ground {
  readonly name: string;
  /** Its name, or the profile itself. */
  readonly profile: string;
  readonly type: string;
  readonly addressOf: (digit: number) => string;
}

export const MEDIATED: Ground = {
  name: 'mediated devices',
  profile: 'nvidia-m60',
  type: 'nvidia-18',
  addressOf: () => '0000:86:00.0',
};

/** Devices that share resources with those of their group. */
export const PEERS: Ground = {
  ...MEDIATED,
  name: 'devices that share resources',
  profile: withSetting(readSampleProfile('nvidia-m60'), 'requires-group', 'yes'),
};

/** With which set each device shares resources, by its uuid; none where cards know no sets. */
export const peersOf = (host: Host): Readonly<Record<string, string>> =>
  Object.fromEntries(
    host
      .devices()
      .items.filter((device) => host.details(device).attributes.includes(PEER_UUID))
      .map((device) => [device.ref.uuid, host.readAttribute(device, PEER_UUID)]),
  );

/** A function for each: an L40S with the first eight of its functions, and two types. */
export const FUNCTIONS: Ground = {
  name: 'functions',
  profile: readSampleProfile('nvidia-l40s')
    .replaceAll(/<type id='nvidia-(?!1149'|1155').*?<\/type>/gsu, '')
    .replaceAll(/<device>\s*<name>pci_0000_42_0(?:1_[4-7]|[2-4]_\d)<.*?<\/device>/gsu, '')
    .replaceAll(
      /<address domain='0x0000' bus='0x42' slot='0x0(?:1' function='0x[4-7]|[2-4]' function='0x\d)'\/>/gu,
      '',
    ),
  type: 'nvidia-1149',
  addressOf: (digit) => `0000:42:0${digit < 5 ? `0.${digit + 3}` : `1.${digit - 5}`}`,
};

const deviceXml = (
  digit: number,
  limit: number,
  { type, addressOf: placeOf }: Ground = MEDIATED,
): string =>
  `<device><parent>pci_${placeOf(digit).replaceAll(/[:.]/gu, '_')}</parent><capability type='mdev'>
    <type id='${type}'/><uuid>00000000-0000-4000-8000-00000000000${digit}</uuid>
    <group>g</group><params>frame_rate_limiter=${limit}</params></capability></device>`;

/** A group of three. */
export const xmlOn = (ground: Ground): string =>
  `<devices>${[1, 2, 3].map((digit) => deviceXml(digit, digit, ground)).join('')}</devices>`;

export const XML = xmlOn(MEDIATED);

/** A change of that group, and what it starts from. */
export interface Operation {
  readonly name: string;
  readonly before: (manager: NodeDeviceManager) => Promise<unknown>;
  readonly run: (manager: NodeDeviceManager) => Promise<unknown>;
}

export const OPERATIONS: readonly Operation[] = operationsOn(MEDIATED);

export function operationsOn(ground: Ground): readonly Operation[] {
  const group = xmlOn(ground);
  return [
    {
      name: 'create',
      before: async () => undefined,
      run: (manager) => manager.create(group),
    },
    {
      name: 'define',
      before: async () => undefined,
      run: (manager) => manager.define(group),
    },
    {
      name: 'destroy',
      before: (manager) => manager.create(group),
      run: (manager) => manager.destroyGroup('g'),
    },
    {
      name: 'start',
      before: (manager) => manager.define(group),
      run: (manager) => manager.startGroup('g'),
    },
    {
      name: 'undefine',
      before: (manager) => manager.define(group),
      run: async (manager) =>
        manager.undefine((await manager.group('g')).members.map(({ name }) => name)),
    },
    {
      name: 'update',
      before: async (manager) => {
        await manager.define(group);
        await manager.startGroup('g');
      },
      run: (manager) =>
        manager.update('00000000-0000-4000-8000-000000000003', deviceXml(3, 0, ground), {
          live: true,
          config: true,
        }),
    },
    {
      name: 'regroup',
      before: async (manager) => {
        await manager.define(group);
        await manager.startGroup('g');
        await manager.create(deviceXml(4, 0, ground).replace('<group>g<', '<group>h<'));
      },
      run: (manager) =>
        manager.addToGroup('h', [
          '00000000-0000-4000-8000-000000000003',
          '00000000-0000-4000-8000-000000000001',
        ]),
    },
  ];
}

export function operationOf(name: string): Operation {
  const operation = OPERATIONS.find((candidate) => candidate.name === name);
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation;
}
