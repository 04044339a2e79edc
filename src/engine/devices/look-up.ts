import { takesType } from '../../host/host.ts';
import type { NodeDevice } from '../../nodedev/device.ts';
import type { Context } from '../context.ts';
import { describeDefinition, describeDevice, describeGpu, describeParent } from './describe.ts';
import { functionsOf } from './functions.ts';
import {
  COMPUTER,
  findHardware,
  findParent,
  lookUpDevice,
  nameOf,
  parentName,
  unknownDevice,
} from './inventory.ts';
import { notPersistent } from '../wording/messages.ts';
import type { StoreView } from '../store/store.ts';

/**
 * A node device with everything known about it: the active device, else its definition.
 *
 * @param options - `inactive`: the definition, whether or not the device is active; `guest`: with what the guest sees of
 * an active device, whose names stand in the PCI ID database; `isLibvirts`: of a function with a type, what libvirt says
 * @throws NodedevError `device-unknown`, `device-ambiguous`, `device-undefined`, and why a definition cannot be read
 */
export function lookUp(
  context: Context,
  view: StoreView,
  name: string,
  {
    inactive,
    guest,
    isLibvirts = false,
  }: { readonly inactive: boolean; readonly guest: boolean; readonly isLibvirts?: boolean },
): NodeDevice {
  const { host } = context;
  const device = lookUpDevice(context, view, name, inactive ? 'defined' : 'active');
  if (device?.active !== undefined && !inactive) {
    // libvirt knows the function only, without its type.
    const place = isLibvirts ? host.parent(device.ref.parent) : undefined;
    if (place !== undefined && takesType(place)) return describeParent(host, place, isLibvirts);
    return describeDevice(host, view, device.active, guest);
  }
  if (device?.problem !== undefined) throw device.problem;
  if (device?.definition !== undefined) return describeDefinition(host, view, device.definition);
  if (device !== undefined) throw notPersistent(nameOf(device.ref));
  const parent = findParent(host, name);
  const other = parent ?? findHardware(host, name);
  if (other !== undefined && inactive) throw notPersistent(parentName(other));
  if (parent !== undefined) return describeParent(host, parent, isLibvirts);
  if (other !== undefined) {
    const [first, ...more] = isLibvirts ? [] : functionsOf(host, name);
    return first === undefined
      ? host.describeHardware(other)
      : describeGpu(host, other, [first, ...more]);
  }
  if (name === COMPUTER) return host.describeComputer();
  throw unknownDevice(context, view, name);
}
