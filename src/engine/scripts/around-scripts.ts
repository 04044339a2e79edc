import type { NamedValue } from '../../nodedev/device.ts';
import type { Context } from '../context.ts';
import { attributeWrites } from '../devices/attribute-writes.ts';
import type { DefinitionRef } from '../definitions/definitions.ts';
import { type KnownDevice, recordOf } from '../devices/inventory.ts';
import type { ResolvedRequest } from '../devices/resolve-requests.ts';
import { hasScripts } from './find.ts';
import type { ScriptAction } from './protocol.ts';
import type { StoreView } from '../store/store.ts';

/** A device in the form for mdevctl's scripts. */
export interface ScriptedDevice {
  readonly ref: DefinitionRef;
  readonly type: string;
  readonly autostart: boolean;
  readonly attributes: readonly NamedValue[];
}

/**
 * Runs `operation` between mdevctl's callout scripts for each device, when the host has any: scripts that vendors
 * installed for mdevctl can refuse our operations, too. `devices` is called only when there are scripts.
 *
 * @throws NodedevError `script-failed`, and what the operation throws
 */
export function aroundScripts<T>(
  context: Context,
  action: ScriptAction,
  devices: () => Promise<readonly ScriptedDevice[]>,
  operation: () => Promise<T>,
): Promise<T> {
  const calls = async () => (await devices()).map((device) => ({ action, device }));
  return aroundAll(context, calls, operation);
}

/** The call of the scripts for one device. */
export interface ScriptCall {
  readonly action: ScriptAction;
  readonly device: ScriptedDevice;
}

/** As {@link aroundScripts}, with a different action for each device. */
export async function aroundAll<T>(
  { host, report }: Context,
  calls: () => Promise<readonly ScriptCall[]>,
  operation: () => Promise<T>,
): Promise<T> {
  const { root } = host;
  if (root === undefined || !hasScripts(root)) return operation();
  const { withScripts } = await import('./scripts.ts');
  const nested = (await calls()).reduceRight<() => Promise<T>>(
    (inner, { action, device: { ref, type, autostart, attributes } }) =>
      () =>
        withScripts(
          { root, ref, definition: { type, autostart, attributes, extra: {} }, report },
          action,
          inner,
        ),
    operation,
  );
  return nested();
}

/** A device to create or define, for scripts. */
export function scriptedPlacement(
  { parent, uuid, type, request }: ResolvedRequest,
  autostart = false,
): ScriptedDevice {
  return {
    ref: { parent: parent.address, uuid },
    type: type.id,
    autostart,
    attributes: attributeWrites(type.id, request),
  };
}

/** An existing device, for scripts. */
export function scriptedDevice(
  view: StoreView,
  { ref, active, definition }: KnownDevice,
): ScriptedDevice {
  const type = active?.type ?? definition?.definition.type ?? '';
  const record = active && recordOf(view, active);
  return {
    ref,
    type,
    autostart: definition?.definition.autostart ?? false,
    attributes:
      record === undefined
        ? (definition?.definition.attributes ?? [])
        : attributeWrites(type, record),
  };
}
