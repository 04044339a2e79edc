import type { NodeDevice } from '../../nodedev/device.ts';
import { type Holder, HostError } from '../host.ts';
import { formatPciAddress } from '../sysfs/pci-address.ts';
import { baseName, directoryName, type Tree } from '../tree.ts';
import { isRegistered } from './cards.ts';
import { placeOf, plantDriver, plantHardware } from './hardware.ts';
import { kernelOf } from './kernel.ts';
import { isLeaving, type Leaving, readLeaving, writeLeaving } from './leaving-file.ts';
import { devicesOn, finishLeaving, homeOf } from './leaving.ts';
import { plantCard } from './materialise.ts';
import { holderName, holderOf, openMark } from './openings.ts';
import { parseProfile } from './parse-profile.ts';
import { PROFILE } from './paths.ts';
import type { HostProfile, SimulatedCard } from './profile.ts';
import { functionCards, isOff, plantSetup } from './setup-core.ts';
import type { Simulation } from './simulation.ts';
import { ueventsOfArrival } from './uevents.ts';
import { isLoaded } from './unloaded.ts';
import { tellTaken } from './vfio.ts';

/** A device of a profile, which all have a path. */
export interface PlacedDevice extends NodeDevice {
  readonly path: string;
}

/** The devices of a host's profile, whether or not they are plugged in, parents first. */
export function profileDevices({ hardware, tree }: Simulation): readonly PlacedDevice[] {
  const { devices, cards } = isProfile(hardware) ? hardware : parseProfile(tree.read(PROFILE));
  return [...devices, ...cards.flatMap(({ parents }) => parents.map(({ device }) => device))]
    .flatMap((device): PlacedDevice[] => {
      const { path } = device;
      return path === undefined || path === '/sys/devices' ? [] : [{ ...device, path }];
    })
    .toSorted((one, other) => depthOf(one) - depthOf(other));
}

/** A device comes after what it is below, and a virtual function after its physical one. */
const depthOf = (device: PlacedDevice): number =>
  device.path.split('/').length * 2 + (physicalOf(device) === undefined ? 0 : 1);

const isProfile = (hardware: object): hardware is HostProfile => 'devices' in hardware;

/**
 * Plugs a device in, with what is below it and with its virtual functions, and binds their drivers; `driver`: only binds the
 * driver of the one device, which is plugged in.
 *
 * @returns the devices that came
 * @throws HostError EEXIST when it is there (its driver is bound) already; ENODEV when what it is plugged into is not there;
 * EBUSY while it is leaving; ENOENT when its driver is unregistered
 */
export function plugIn(
  simulation: Simulation,
  device: PlacedDevice,
  what: Leaving['what'],
): readonly PlacedDevice[] {
  const { tree, uevents, occupancy } = simulation;
  const all = profileDevices(simulation);
  const coming = what === 'driver' ? [device] : withIts(all, device);
  const leaving = readLeaving(tree);
  if (leaving.some(({ path }) => coming.some((one) => one.path === path))) {
    throw new HostError('EBUSY', device.path);
  }
  requireAbsent(simulation, all, device, what);
  const moving = coming
    .filter(
      ({ path }) => what === 'driver' || (tree.kind(path) === undefined && !isOff(tree, path)),
    )
    .map((one) => (isBindable(simulation, one) ? one : { ...one, driver: undefined }))
    .map((one) => ({ ...one, ...movingOf(one, what), log: uevents.position(), wasThere: false }));
  writeLeaving(tree, [...leaving, ...moving.map(noteOf).toReversed()]);
  try {
    if (what === 'device') plantHardware(tree, moving, all);
    else bindAgain(tree, device);
    const cards = new Set<SimulatedCard>();
    for (const one of moving) {
      const target = simulation.parentAt(one.path);
      if (target === undefined || !isLoaded(tree, target.card.driver)) continue;
      plantCard(
        tree,
        { ...target.card, parents: [{ ...target.parent, device: one }] },
        kernelOf(simulation.hardware),
      );
      cards.add(target.card);
    }
    for (const card of cards) occupancy.parentsChanged(card);
    const addresses = new Set(moving.map(({ path }) => baseName(path)));
    for (const { card, physical } of functionCards(simulation)) {
      if (addresses.has(physical)) plantSetup(tree, card);
    }
    uevents.emit(() =>
      moving.flatMap((one) => {
        const card = simulation.parentAt(one.path)?.card;
        return ueventsOfArrival(one, isBindable(simulation, one) ? card : undefined);
      }),
    );
    writeLeaving(tree, leaving);
  } catch (error) {
    const isUndone = isLeaving(tree, device.path);
    finishLeaving(simulation);
    if (isUndone) throw error;
  }
  return moving;
}

/**
 * Takes a device away, with what is below it and with its virtual functions: first their unused mediated devices, then their
 * drivers. `driver`: only unbinds the driver of the one device.
 *
 * @param used of mediated devices in use: `refuse` (EBUSY with the holders); `take`: the holder is asked, as by the kernel's
 * `request` callback of VFIO, and gives them back; `wait`: creations are refused from now on, and the rest follows with the
 * last close
 * @returns the devices that leave
 * @throws HostError ENODEV when it is not there (has no driver), EBUSY
 */
export function takeOut(
  simulation: Simulation,
  device: PlacedDevice,
  what: Leaving['what'],
  used: 'refuse' | 'take' | 'wait',
): readonly PlacedDevice[] {
  const { tree, uevents } = simulation;
  const whole = what === 'driver' ? [device] : withIts(profileDevices(simulation), device);
  const going = whole.filter(({ path }) => tree.kind(path) !== undefined);
  const [first] = going;
  if (first?.path !== device.path || (what === 'driver' && !isBound(simulation, device))) {
    throw new HostError('ENODEV', device.path);
  }
  const held = going.flatMap(({ path }) => heldOn(simulation, path));
  if (held.length > 0 && used === 'refuse') {
    throw new HostError('EBUSY', device.path, { holders: held.map(({ holder }) => holder) });
  }
  if (held.length > 0 && used === 'take') {
    const uuids = held.map(({ uuid }) => uuid);
    simulation.guard.changing({ do: 'close', uuids }, (discard) => {
      for (const uuid of uuids) discard(openMark(uuid));
    });
    const taken = new Map(held.map(({ uuid, holder }) => [uuid, holderName(holder)]));
    for (const { path } of going) {
      const target = simulation.parentAt(path);
      if (target !== undefined) tellTaken(simulation, target, taken);
    }
  }
  const others = readLeaving(tree).filter(({ path }) => !going.some((one) => one.path === path));
  const log = uevents.position();
  const notes = going.map((one) => noteOf({ ...movingOf(one, what), log, wasThere: true }));
  try {
    writeLeaving(tree, [...others, ...notes.toReversed()]);
  } catch (error) {
    if (!isLeaving(tree, device.path)) throw error;
  }
  try {
    finishLeaving(simulation);
  } catch {
    finishLeaving(simulation); // as a reset: if it fails again, whoever comes next goes on with it
  }
  return going;
}

/** A device with all that is below it, and the virtual functions of these. */
function withIts(all: readonly PlacedDevice[], { path }: PlacedDevice): readonly PlacedDevice[] {
  const isBelow = (one: PlacedDevice): boolean =>
    one.path === path || one.path.startsWith(`${path}/`);
  const addresses = new Set(all.filter(isBelow).map((one) => baseName(one.path)));
  return all.filter((one) => isBelow(one) || addresses.has(physicalOf(one) ?? ''));
}

/** The sysfs name of a virtual function's physical one. */
function physicalOf({ capabilities }: NodeDevice): string | undefined {
  const pci = capabilities.find((capability) => capability.kind === 'pci');
  if (pci?.kind !== 'pci') return undefined;
  const of = pci.capabilities.find((capability) => capability.kind === 'phys_function');
  return of?.kind === 'phys_function' ? formatPciAddress(of.address) : undefined;
}

function requireAbsent(
  simulation: Simulation,
  all: readonly PlacedDevice[],
  device: PlacedDevice,
  what: Leaving['what'],
): void {
  const { tree } = simulation;
  const { path, driver } = device;
  const isThere = tree.kind(path) !== undefined;
  if (what === 'device') {
    if (isThere) throw new HostError('EEXIST', path);
    if (isOff(tree, path)) throw new HostError('ENODEV', path);
    const above = directoryName(path);
    const needs = all.find((one) => one.path === above);
    const physical = physicalOf(device);
    const of = all.find((one) => baseName(one.path) === physical);
    for (const one of [needs, of]) {
      if (one !== undefined && tree.kind(one.path) === undefined) {
        throw new HostError('ENODEV', one.path);
      }
    }
    return;
  }
  const isParent = simulation.parentAt(path) !== undefined;
  if (!isThere || (driver === undefined && !isParent)) throw new HostError('ENODEV', path);
  if (isBound(simulation, device)) throw new HostError('EEXIST', path);
  if (!isBindable(simulation, device)) throw new HostError('ENOENT', path);
}

/** Whether the driver of a device, if it is a parent, is registered. */
function isBindable(simulation: Simulation, { path }: PlacedDevice): boolean {
  const card = simulation.parentAt(path)?.card;
  return card === undefined || isLoaded(simulation.tree, card.driver);
}

/** Whether a device has its driver; of a class's device, whether it is a parent. */
export function isBound(simulation: Simulation, { path }: PlacedDevice): boolean {
  const { tree } = simulation;
  const target = simulation.parentAt(path);
  return (
    tree.kind(`${path}/driver`) !== undefined ||
    (target !== undefined && isRegistered(tree, target.card, target.parent))
  );
}

function bindAgain(tree: Tree, { path, driver }: PlacedDevice): void {
  const home = homeOf(tree, path);
  if (driver === undefined || home === undefined) return;
  plantDriver(tree, path, home, driver);
  tree.replace(`${path}/uevent`, `DRIVER=${driver}\n${tree.read(`${path}/uevent`)}`);
}

export function heldOn(
  simulation: Simulation,
  path: string,
): readonly { readonly uuid: string; readonly holder: Holder }[] {
  const target = simulation.parentAt(path);
  const uuids = target === undefined ? [] : devicesOn(simulation, target);
  return uuids.flatMap((uuid) => {
    const holder = holderOf(simulation.tree, uuid);
    return holder === undefined ? [] : [{ uuid, holder }];
  });
}

function movingOf(
  { path, driver, capabilities }: PlacedDevice,
  what: Leaving['what'],
): Pick<Leaving, 'path' | 'subsystem' | 'what' | 'driver'> {
  return { path, what, driver, subsystem: baseName(placeOf(path, capabilities)) };
}

const noteOf = ({ path, subsystem, what, driver, wasThere, log }: Leaving): Leaving => ({
  path,
  subsystem,
  what,
  driver,
  wasThere,
  log,
});
