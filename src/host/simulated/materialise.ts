import { v4 as randomUuid } from 'uuid';
import type { CardType } from '../../drivers/driver.ts';
import { requiresGroup } from '../../drivers/settings.ts';
import { NodedevError } from '../../errors.ts';
import { HostError } from '../host.ts';
import { REQUIRES_GROUP } from '../peer-to-peer.ts';
import {
  BOOT_ID,
  DEV_VFIO,
  IOMMU_GROUPS,
  KERNEL_RELEASE,
  MDEV_BUS,
  MDEV_DEVICES,
  MDEV_DRIVERS,
  VFIO_DEVICES,
} from '../sysfs/paths.ts';
import { NUMA_NODES } from '../sysfs/numa.ts';
import { formatNumberSet } from '../sysfs/number-set.ts';
import { PCI_IDS } from '../sysfs/pci-ids.ts';
import { type Branch, directory, directoryName, file, link, linkTo, type Tree } from '../tree.ts';
import { updateCounts, withDescribedTypes } from './cards.ts';
import { OWN_NODES, POWER } from './device-tree.ts';
import { FLAT_REQUESTS } from './flat-core.ts';
import { typeTable } from './flat-table.ts';
import { plantFunction } from './function-core.ts';
import { plantFirmware, plantHardware } from './hardware.ts';
import { kernelOf, type KernelRules, mdevDriverOf, nodesOf } from './kernel.ts';
import { DISCARDED, OPEN, UEVENT_SEQNUM, UEVENTS } from './paths.ts';
import { formatPciIds } from './pci-ids-file.ts';
import type { HostProfile, ProfileCard, ProfileParent } from './profile.ts';
import { plantSetup } from './setup-core.ts';

const WRITE_ONLY = file('', 0o200);

/**
 * Creates the files of a profile's host in an empty tree, as they are in Linux 6.1 when the drivers are loaded.
 *
 * @throws NodedevError `profile-invalid` when two parts would have the same path; on disk also HostError
 */
export function materialise(profile: HostProfile, tree: Tree): void {
  try {
    layOut(profile, tree);
  } catch (error) {
    if (tree.root !== undefined || !(error instanceof HostError)) throw error;
    throw new NodedevError('profile-invalid', `Two things of the profile stand at ${error.path}`, {
      hint: "No <path> may be that of another device's file, and devices of one class need different names.",
      cause: error,
    });
  }
}

function layOut(profile: HostProfile, tree: Tree): void {
  const devices = [
    ...profile.devices,
    ...profile.cards.flatMap((card) => card.parents.map(({ device }) => device)),
  ];
  const kernel = kernelOf(profile);
  plantCores(tree, kernel);
  // A profile that names none has the files of one, and none in particular.
  if (profile.kernel !== undefined) plantAt(tree, KERNEL_RELEASE, file(`${profile.kernel}\n`));
  plantAt(tree, PCI_IDS[1], file(formatPciIds(devices), 0o644));
  plantHardware(tree, devices);
  plantFirmware(tree, devices);
  for (const { id, cpus } of profile.nodes) {
    plantAt(tree, `${NUMA_NODES}/node${id}/cpulist`, file(`${formatNumberSet(cpus)}\n`));
  }
  for (const card of profile.cards) plantCard(tree, card, kernel);
  for (const card of profile.cards) plantSetup(tree, card, kernel);
  for (const card of profile.cards) updateCounts(tree, withDescribedTypes(card));
}

/** The files that exist without any hardware: mdev's bus, VFIO, IOMMU groups, the boot, and the simulation's own files. */
function plantCores(tree: Tree, { vfioDev, cdev }: KernelRules): void {
  const folders = [
    MDEV_BUS,
    MDEV_DEVICES,
    MDEV_DRIVERS,
    IOMMU_GROUPS,
    '/sys/class/iommu',
    '/sys/class/vfio',
    ...(vfioDev ? [VFIO_DEVICES] : []),
    ...(cdev ? [OWN_NODES] : []),
    '/sys/module/mdev',
    '/sys/devices/virtual',
    DEV_VFIO,
    OPEN,
    DISCARDED,
  ];
  for (const folder of folders) tree.ensureDirectory(folder);
  const files: readonly (readonly [string, Branch])[] = [
    ['/sys/bus/mdev/drivers_autoprobe', file('1\n', 0o644)],
    ['/sys/bus/mdev/drivers_probe', WRITE_ONLY],
    ['/sys/bus/mdev/uevent', WRITE_ONLY],
    ['/sys/devices/virtual/misc/vfio', VFIO_CONTROL],
    [`${DEV_VFIO}/vfio`, file('', 0o666)],
    ...(cdev
      ? ([
          ['/sys/devices/virtual/misc/iommu', IOMMU_CONTROL],
          ['/dev/iommu', file('', 0o660)],
        ] as const)
      : []),
    [BOOT_ID, file(`${randomUuid()}\n`)],
    [UEVENT_SEQNUM, file('0\n')],
    [UEVENTS, file('', 0o644)],
  ];
  for (const [path, branch] of files) plantAt(tree, path, branch);
}

const VFIO_CONTROL = directory([
  ['dev', file('10:196\n')],
  ['power', POWER],
  ['subsystem', link('../../../../class/misc')],
  ['uevent', file('MAJOR=10\nMINOR=196\nDEVNAME=vfio/vfio\nDEVMODE=0666\n', 0o644)],
]);

const IOMMU_CONTROL = directory([
  ['dev', file('10:258\n')],
  ['power', POWER],
  ['subsystem', link('../../../../class/misc')],
  ['uevent', file('MAJOR=10\nMINOR=258\nDEVNAME=iommu\nDEVMODE=0660\n', 0o644)],
]);

/** Makes parents of a card's devices, as when its driver is bound. Their counts are not right yet. */
export function plantCard(tree: Tree, card: ProfileCard, kernel: KernelRules): void {
  const { functions } = card;
  if (functions === undefined) plantDriver(tree, card, kernel);
  for (const parent of card.parents) {
    if (tree.kind(`${parent.path}/power`) === undefined) tree.plant(`${parent.path}/power`, POWER);
    if (functions !== undefined) {
      plantFunction(tree, parent.path, functions, nodesOf(kernel, card));
      continue;
    }
    for (const [name, branch] of offer(card, kernel)) tree.plant(`${parent.path}/${name}`, branch);
    plantAt(tree, `${MDEV_BUS}/${parent.address}`, busLink(parent));
  }
}

/** The files by which a parent offers its types, and with the flat layout takes requests. */
function offer(card: ProfileCard, kernel: KernelRules): readonly (readonly [string, Branch])[] {
  if (kernel.flat !== true) return [['mdev_supported_types', typesDirectory(card, kernel)]];
  return [
    ['mdev_supported_types', file(typeTable(card.driver, card.types))],
    ...FLAT_REQUESTS.map((name) => [name, WRITE_ONLY] as const),
  ];
}

function busLink({ address, path }: ProfileParent): Branch {
  return linkTo(`${MDEV_BUS}/${address}`, path);
}

/** A card's mdev driver on the bus; the kernel's samples are modules of the same name. */
function plantDriver(tree: Tree, { driver }: ProfileCard, kernel: KernelRules): void {
  const name = mdevDriverOf(kernel, driver);
  const path = `${MDEV_DRIVERS}/${name}`;
  if (tree.kind(path) !== undefined) return;
  const entries: [string, Branch][] = ['bind', 'uevent', 'unbind'].map((entry) => [
    entry,
    WRITE_ONLY,
  ]);
  if (name === driver.name) {
    const module = `/sys/module/${driver.name}`;
    entries.push(['module', linkTo(`${path}/module`, module)]);
    const back = `${module}/drivers/mdev:${name}`;
    plantAt(tree, back, linkTo(back, path));
  }
  tree.plant(path, directory(entries));
}

function typesDirectory(card: ProfileCard, { coreNames }: KernelRules): Branch {
  const { types, driver } = card;
  const asks = requiresGroup(card) ? [{ name: REQUIRES_GROUP, value: 'yes' }] : [];
  const named = (type: CardType): CardType => {
    const prefix = driver.takesAnyType === true ? /^[^-]*-/ : `${driver.name}-`;
    const own = type.id.replace(prefix, '');
    const files = [...(type.files ?? []), ...asks];
    return { ...type, files, name: coreNames ? (type.name ?? own) : type.name };
  };
  return directory(types.map((type) => [type.id, typeDirectory(named(type))]));
}

function typeDirectory({ name, deviceApi, description, files = [] }: CardType): Branch {
  return directory([
    // It gets its value when the whole card exists.
    ['available_instances', file('0\n')],
    ['create', WRITE_ONLY],
    ...(description === undefined ? [] : [['description', file(`${description}\n`)] as const]),
    ['device_api', file(`${deviceApi}\n`)],
    ['devices', directory()],
    ...(name === undefined ? [] : [['name', file(`${name}\n`)] as const]),
    ...files.map((each) => [each.name, file(`${each.value}\n`)] as const),
  ]);
}

function plantAt(tree: Tree, path: string, branch: Branch): void {
  tree.ensureDirectory(directoryName(path));
  tree.plant(path, branch);
}
