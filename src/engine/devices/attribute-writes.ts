import { driverForType } from '../../drivers/registry.ts';
import type { NamedValue } from '../../nodedev/device.ts';

/** What a device is given at its creation. */
export interface Settings {
  /** sysfs attributes, in order. */
  readonly attributes: readonly NamedValue[];
  /** The thread's `<params>`. */
  readonly params?: string | undefined;
}

/**
 * What to write into a new device: its attributes in order, then its params, unchanged, into the attribute its driver
 * takes them in.
 */
export function attributeWrites(
  type: string,
  { attributes, params }: Settings,
): readonly NamedValue[] {
  const name = driverForType(type)?.paramsAttribute;
  return params === undefined || name === undefined
    ? attributes
    : [...attributes, { name, value: params }];
}

/** The reverse: of a definition's attributes, the last one that is the driver's for params. */
export function splitParams(
  type: string,
  writes: readonly NamedValue[],
): { readonly attributes: readonly NamedValue[]; readonly params: string | undefined } {
  const name = driverForType(type)?.paramsAttribute;
  const index = writes.findLastIndex((write) => write.name === name);
  return {
    attributes: writes.filter((_, position) => position !== index),
    params: writes[index]?.value,
  };
}
