import type { NamedValue } from '../nodedev/device.ts';
import type { Context } from './context.ts';
import type { DefinitionRef } from './definitions.ts';
import { hasScripts } from './scripts/find.ts';
import type { ScriptAction } from './scripts/protocol.ts';

/** A device as mdevctl's scripts are told of it. */
export interface ScriptedDevice {
  readonly ref: DefinitionRef;
  readonly type: string;
  readonly autostart: boolean;
  readonly attributes: readonly NamedValue[];
}

/**
 * Runs `operation` between mdevctl's callout scripts for each device, when the host has any: what vendors installed
 * for mdevctl may refuse ours as well.
 *
 * @throws NodedevError `script-failed`, and what the operation throws
 */
export async function aroundScripts<T>(
  { host, report }: Context,
  action: ScriptAction,
  devices: readonly ScriptedDevice[],
  operation: () => Promise<T>,
): Promise<T> {
  const { root } = host;
  if (root === undefined || !hasScripts(root)) return operation();
  const { withScripts } = await import('./scripts.ts');
  const nested = devices.reduceRight<() => Promise<T>>(
    (inner, { ref, type, autostart, attributes }) =>
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
