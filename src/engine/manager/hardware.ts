import { setTimeout as sleep } from 'node:timers/promises';
import { NodedevError } from '../../errors.ts';
import { type HostDevice, HostError } from '../../host/host.ts';
import { bindDevice, unbindDevice } from '../../host/simulated/binding.ts';
import type { SimulatedHost } from '../../host/simulated/host.ts';
import type { Moving } from '../../host/simulated/uevents.ts';
import { type PlacedDevice, plugIn, profileDevices, takeOut } from '../../host/simulated/plug.ts';
import { throwIfAborted } from '../aborted.ts';
import { type Context, forCall } from '../context.ts';
import type { CallOptions } from '../call-options.ts';
import type { LeaveOptions } from '../simulation-options.ts';
import { deviceName } from '../devices/inventory.ts';
import { deviceUnknown } from '../wording/messages.ts';
import { refusal } from '../wording/refusals.ts';

/** Milliseconds between two looks whether a device has left. */
const STEP_MS = 100;

/** Plugs a device in, or binds its driver; the methods of the manager say what is thrown. */
export async function plug(
  context: Context,
  simulated: SimulatedHost,
  name: string,
  what: Moving['what'],
  options?: CallOptions,
): Promise<readonly string[]> {
  const { store, signal } = forCall(context, options);
  const doing = `Unable to ${what === 'driver' ? 'bind' : 'plug in'} '${name}'`;
  const mdev = what === 'driver' ? mdevNamed(simulated, name) : undefined;
  if (mdev !== undefined) {
    const bind = () => simulated.change((all) => bindDevice(all, mdev.ref.uuid));
    await store.write(() => attempt(doing, bind, OF_MDEV), signal);
    return [deviceName(mdev)];
  }
  const come = () => make(simulated, name, (all, own) => plugIn(all, own, what));
  return namesOf(await store.write(() => attempt(doing, come), signal));
}

/** Takes a device, or its driver, away. While it waits, no lock is held. */
export async function unplug(
  context: Context,
  simulated: SimulatedHost,
  name: string,
  what: Moving['what'],
  { force = false, wait, ...options }: LeaveOptions = {},
): Promise<readonly string[]> {
  const { store, signal } = forCall(context, options);
  const used = force ? 'take' : wait === undefined ? 'refuse' : 'wait';
  const doing = `Unable to ${what === 'driver' ? 'unbind' : 'unplug'} '${name}'`;
  const mdev = what === 'driver' ? mdevNamed(simulated, name) : undefined;
  if (mdev !== undefined) {
    const leave = () => simulated.change((all) => unbindDevice(all, mdev.ref.uuid));
    await store.write(() => attempt(doing, leave, OF_MDEV), signal);
    return [deviceName(mdev)];
  }
  const go = () => make(simulated, name, (all, own) => takeOut(all, own, what, used));
  const gone = await store.write(() => attempt(doing, go), signal);
  return untilGone(simulated, gone, doing, wait, signal);
}

/** Waits until devices have left, and returns their names. */
export async function untilGone(
  simulated: SimulatedHost,
  gone: readonly PlacedDevice[],
  doing: string,
  wait?: number,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const paths = gone.map(({ path }) => path);
  const until = performance.now() + (wait ?? 0) * 1000;
  while (simulated.isLeaving(paths)) {
    if (performance.now() >= until) {
      throw new NodedevError('in-use', `${doing}: it has devices in use`, {
        hint: 'nothing is created on it any more, and it leaves when the last device is closed',
      });
    }
    throwIfAborted(signal);
    await sleep(STEP_MS);
  }
  return namesOf(gone);
}

/** A mediated device by its name or uuid. */
const mdevNamed = (simulated: SimulatedHost, name: string): HostDevice | undefined =>
  simulated
    .devices()
    .items.find(
      (one) => one.ref.framework === 'mdev' && [deviceName(one), one.ref.uuid].includes(name),
    );

/** What errnos mean for the driver of a mediated device. */
const OF_MDEV: Readonly<Record<string, readonly [says: string, hint: string]>> = {
  EEXIST: ['its driver is bound already', 'unbind it first, to see it come'],
  ENODEV: ['it is bound to no driver', '`sim bind` binds its driver'],
  ENOSPC: [
    'it gave its place on the card back when it was unbound, and there is no room for it now',
    'destroy another device of the card first',
  ],
};

/** Makes a change with the device of this name, and returns what came or went. */
function make(
  simulated: SimulatedHost,
  name: string,
  change: (
    simulation: Parameters<typeof plugIn>[0],
    device: PlacedDevice,
  ) => readonly PlacedDevice[],
): readonly PlacedDevice[] {
  return simulated.change((simulation) => {
    const all = profileDevices(simulation);
    const device = all.find((one) => one.name === name);
    if (device === undefined) throw deviceUnknown(name, namesOf(all));
    return change(simulation, device);
  });
}

export const namesOf = (devices: readonly PlacedDevice[]): string[] =>
  devices.flatMap(({ name }) => name ?? []);

/** What the errnos of the simulated kernel mean here; of a device in use the holders are told as always. */
const MEANINGS: Readonly<Record<string, readonly [says: string, hint: string]>> = {
  EEXIST: ['it is there already', 'unplug or unbind it first, to see it come'],
  ENODEV: [
    'it is not there',
    'plug in what it is below of first, then the device, then its driver',
  ],
  ENOENT: ['its driver is unregistered', 'register the driver again'],
  EBUSY: ['it is leaving', 'it leaves when the last of its devices is closed'],
};

export function attempt<T>(
  doing: string,
  change: () => T,
  meanings: Readonly<Record<string, readonly [says: string, hint: string]>> = MEANINGS,
): T {
  try {
    return change();
  } catch (error) {
    const isOwn = error instanceof HostError && error.holders.length === 0;
    const meaning = isOwn ? meanings[error.errno] : undefined;
    if (!isOwn || meaning === undefined) throw refusal(error, doing);
    const [says, hint] = meaning;
    const code = error.errno === 'EBUSY' ? 'in-use' : 'host-refused';
    throw new NodedevError(code, `${doing}: ${says} (${error.errno} ${error.path})`, {
      hint,
      cause: error,
    });
  }
}
