import type { HostDevice } from '../../host/host.ts';
import { NodedevError } from '../../errors.ts';
import type { NodeDevice } from '../../nodedev/device.ts';
import { type ScriptedDevice, scriptedDevice } from '../scripts/around-scripts.ts';
import type { Context } from '../context.ts';
import type { DefinitionRef } from '../definitions/definitions.ts';
import { ignoredElements } from '../devices/ignored-elements.ts';
import {
  deviceInfos,
  findDevice,
  type KnownDevice,
  knownDevice,
  type PreferredState,
  nameOf,
} from '../devices/inventory.ts';
import type { StoreView } from '../store/store.ts';
import type { CreateOptions } from '../call-options.ts';
import type { DeviceInfo } from '../listed-device.ts';
import type { Sources } from '../sources.ts';

// Functions that several methods of the manager use.

/** The {@link DeviceInfo} of each device that still exists. */
export function infos(
  context: Context,
  view: StoreView,
  refs: readonly DefinitionRef[],
): DeviceInfo[] {
  const known = refs.flatMap((ref) => knownDevice(context, ref) ?? []);
  return deviceInfos(context.host, view, known);
}

/**
 * What became of devices that were destroyed or undefined. One that is neither active nor defined any more has what it was called
 * by, and no group.
 */
export function infosAfter(
  context: Context,
  view: StoreView,
  devices: readonly KnownDevice[],
  before: readonly DeviceInfo[],
): DeviceInfo[] {
  return devices.flatMap(({ ref }, index) => {
    const was = before[index];
    const [now] = infos(context, view, [ref]);
    if (now !== undefined || was === undefined) return now ?? [];
    const { group: _, owner: __, ...rest } = was;
    return { ...rest, active: false, persistent: false, autostart: false };
  });
}

/** {@link infos} for active devices that have just been read. */
export function activeInfos(
  context: Context,
  view: StoreView,
  devices: readonly HostDevice[],
): DeviceInfo[] {
  const known = devices.flatMap((device) => knownDevice(context, device.ref, device) ?? []);
  return deviceInfos(context.host, view, known);
}

/** The devices of these names. A device that is named twice is returned once. */
export function find(
  context: Context,
  view: StoreView,
  names: string | readonly string[],
  meant?: PreferredState,
  says?: Parameters<typeof findDevice>[4],
): KnownDevice[] {
  const found = (typeof names === 'string' ? [names] : names).map((name) => {
    const device = findDevice(context, view, name, meant, says);
    return [nameOf(device.ref), device] as const;
  });
  return [...new Map(found).values()];
}

/** {@link find}, without names that no device has. A group's name is none of a device, and refused as always. */
export function findThere(
  context: Context,
  view: StoreView,
  names: string | readonly string[],
  meant?: PreferredState,
): KnownDevice[] {
  return (typeof names === 'string' ? [names] : names).flatMap((name) => {
    try {
      return find(context, view, name, meant);
    } catch (error) {
      const isGroup = view.activeGroup(name) !== undefined || view.definitionsOf(name).length > 0;
      const isAbsent = error instanceof NodedevError && error.code === 'device-unknown';
      if (isAbsent && !isGroup) return [];
      throw error;
    }
  });
}

/** The devices in the form for mdevctl's scripts. */
export function scripted(
  context: Context,
  look: (view: StoreView) => readonly KnownDevice[],
): Promise<readonly ScriptedDevice[]> {
  return context.store.read((view) =>
    look(view).map((device) => scriptedDevice(context, view, device)),
  );
}

/** The node devices of documents. Ignored elements are reported as warnings. */
export async function readSources(
  { report }: Context,
  xml: Sources,
  options?: CreateOptions,
): Promise<readonly NodeDevice[]> {
  const { readDevices } = await import('../devices/sources.ts');
  const devices = await readDevices(xml, options);
  for (const issue of ignoredElements(devices)) report(issue);
  return devices;
}
