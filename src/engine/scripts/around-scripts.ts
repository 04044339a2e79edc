import type { Issue, NodedevError } from '../../errors.ts';
import type { NamedValue } from '../../nodedev/device.ts';
import type { Context } from '../context.ts';
import { attributeWrites } from '../devices/attribute-writes.ts';
import type { DefinitionRef } from '../definitions/definitions.ts';
import { type KnownDevice, nameOf, recordOf } from '../devices/inventory.ts';
import type { ResolvedRequest } from '../devices/resolve-requests.ts';
import { hasAnyScript, hasScripts } from './find.ts';
import type { ScriptAction } from './protocol.ts';
import type { StoreView } from '../store/store.ts';

/** A device in the form for mdevctl's scripts. */
export interface ScriptedDevice {
  readonly ref: DefinitionRef;
  /** Undefined for a definition that cannot be read and does not say it. No script is called for such a device. */
  readonly type: string | undefined;
  readonly autostart: boolean;
  readonly attributes: readonly NamedValue[];
  /** Why its definition cannot be read. */
  readonly problem?: NodedevError | undefined;
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
  { host, report, store, isRehearsal, overruleScripts: overrule }: Context,
  calls: () => Promise<readonly ScriptCall[]>,
  operation: () => Promise<T>,
): Promise<T> {
  store.requireWritable(); // before a script runs
  const { root } = host;
  if (isRehearsal === true || root === undefined || !hasScripts(root)) return operation();
  const { withScripts } = await import('./scripts.ts');
  const nested = (await calls()).reduceRight<() => Promise<T>>((inner, { action, device }) => {
    const { ref, type, autostart, attributes, problem } = device;
    if (problem !== undefined && hasAnyScript(root)) report(unreadableForScripts(device));
    if (type === undefined) return inner;
    const definition = { type, autostart, attributes, extra: {} };
    return () => withScripts({ root, ref, definition, report, overrule }, action, inner);
  }, operation);
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

/** An existing device, for scripts: of a definition that cannot be read, what is known. */
export function scriptedDevice(
  { definitions }: Context,
  view: StoreView,
  { ref, active, definition, problem }: KnownDevice,
): ScriptedDevice {
  const saved =
    definition?.definition ?? (problem === undefined ? undefined : definitions.salvage(ref));
  const type = active?.type ?? saved?.type;
  const record = active && recordOf(view, active);
  return {
    ref,
    type,
    autostart: saved?.autostart ?? false,
    attributes:
      active === undefined || record === undefined
        ? (saved?.attributes ?? [])
        : attributeWrites(active.type, record),
    problem,
  };
}

function unreadableForScripts({ ref, type, problem }: ScriptedDevice): Issue {
  const how =
    type === undefined
      ? 'no script is called for it, since its type is not known'
      : `scripts are called with what is known of it (type ${type})`;
  return {
    code: 'definition-invalid',
    severity: 'warning',
    message: `the definition of ${nameOf(ref)} cannot be read (${problem?.message}): ${how}`,
  };
}
