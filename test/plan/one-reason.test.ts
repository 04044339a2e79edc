import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connect, initSimulatedHost } from '../../src/index.ts';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';
import { withSetting } from './hosts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Situation {
  readonly profile: string;
  readonly setting?: readonly [name: string, value: string];
  readonly parent: string;
  readonly devices: readonly (readonly [parent: string, type: string])[];
  /** Whether the kernel shows 0 for every type of the GPU, whatever the rules say. */
  readonly isBlocked?: boolean;
  readonly type: string;
  readonly rule: string;
  readonly maximum?: number;
  /** The places, in `devices`, of those in the way, and of those in the sets that make room. */
  readonly blockedBy: readonly number[];
  readonly freedBy: readonly (readonly number[])[];
}

/** Full cards of a real host, whose settings nobody is told, and the only reason every command may give. */
const SITUATIONS: readonly (readonly [name: string, Situation])[] = [
  [
    // https://github.com/intel/gvt-linux/issues/75, #122, #172
    'GVT-g with a 256 MB aperture and one V5_4',
    {
      profile: 'intel-gvtg',
      setting: ['aperture', '256'],
      parent: 'pci_0000_00_02_0',
      devices: [['pci_0000_00_02_0', 'i915-GVTg_V5_4']],
      type: 'i915-GVTg_V5_4',
      rule: 'All vGPUs share 128 MB of mappable graphics memory (aperture), of which i915-GVTg_V5_4 takes 128; 0 are left.',
      maximum: 1,
      blockedBy: [0],
      freedBy: [[0]],
    },
  ],
  [
    // https://github.com/NVIDIA/cloud-native-docs/issues/243: devices of two sizes, so it is no equal-size mode
    'a GPU in mixed-size mode that is full',
    {
      profile: 'nvidia-a40',
      setting: ['homogeneous', 'none'],
      parent: 'pci_0000_41_01_1',
      devices: [
        ['pci_0000_41_00_4', 'nvidia-565'],
        ['pci_0000_41_00_5', 'nvidia-563'],
        ['pci_0000_41_00_6', 'nvidia-563'],
      ],
      type: 'nvidia-565',
      rule: 'A virtual function takes one vGPU. In mixed-size mode all vGPUs share 49152 MiB of framebuffer, of which nvidia-565 takes 24576; 0 are left.',
      maximum: 1,
      blockedBy: [0, 1, 2],
      freedBy: [[0]],
    },
  ],
  [
    'an NVIDIA GPU that shows 0 with nothing on it',
    {
      profile: 'nvidia-m60',
      parent: 'pci_0000_86_00_0',
      devices: [],
      isBlocked: true,
      type: 'nvidia-18',
      rule: "The kernel says that 0 are available, although no device of this host uses the card, which the rules known of driver nvidia do not explain. MIG mode, ECC's reserve, a domain that has the whole GPU, or a program of the host may take it: `nvidia-smi -q` shows modes and processes, `nvidia-smi mig -lgi` the GPU instances.",
      blockedBy: [],
      freedBy: [],
    },
  ],
];

it.each(SITUATIONS)('%s: every command gives the same reason', async (_, situation) => {
  const { setting, parent, type, rule } = situation;
  const root = join(temporaryFolder({ inMemory: true }), 'host');
  const text = readSampleProfile(situation.profile);
  const simulated = await initSimulatedHost(
    root,
    setting === undefined ? text : withSetting(text, ...setting),
  );
  const uuids: string[] = [];
  for (const [where, id] of situation.devices) {
    const { devices } = await simulated.create(xmlOf(where, id));
    uuids.push(...devices.map(({ uuid }) => uuid ?? ''));
  }
  await simulated.close();
  if (situation.isBlocked === true) {
    const types = join(root, 'sys/class/mdev_bus/0000:86:00.0/mdev_supported_types');
    for (const id of readdirSync(types))
      writeFileSync(join(types, id, 'available_instances'), '0\n');
  }

  await using manager = await connect(`sysfs://${root}`);
  const { items } = await manager.explain(type, parent);
  const places = (devices: readonly { readonly uuid: string }[]): readonly number[] =>
    devices.map(({ uuid }) => uuids.indexOf(uuid)).toSorted((one, other) => one - other);
  expect(
    items.map((each) => ({
      ...each,
      blockedBy: places(each.blockedBy),
      freedBy: each.freedBy.map(places),
    })),
  ).toEqual([
    expect.objectContaining({
      available: 0,
      ...(situation.maximum !== undefined && { maximum: situation.maximum }),
      rule,
      blockedBy: situation.blockedBy,
      freedBy: situation.freedBy,
    }),
  ]);
  const hint = expect.stringContaining(rule);
  const blocked = (await manager.doctor()).filter(({ code }) => code === 'doctor-parent-blocked');
  expect(blocked).toMatchObject(situation.isBlocked === true ? [{ hint }] : []);
  await expect(manager.create(xmlOf(parent, type))).rejects.toMatchObject({ hint });
  await expect(manager.predict([{ type, parent }])).rejects.toMatchObject({ hint });
  const { refusals } = await manager.plan([xmlOf(parent, type)]);
  expect(refusals).toMatchObject([{ hint }]);
});

const xmlOf = (parent: string, type: string): string =>
  `<device><parent>${parent}</parent><capability type='mdev'><type id='${type}'/></capability></device>`;
