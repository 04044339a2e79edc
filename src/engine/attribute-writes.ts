import { driverForType } from '../drivers/registry.ts';
import type { NamedValue } from '../nodedev/device.ts';

/**
 * What to write into a new device: its attributes in order, then the thread's `<params>`, unchanged, into the
 * attribute its driver takes them in.
 */
export function attributeWrites(
  type: string,
  device: { readonly attributes: readonly NamedValue[]; readonly params?: string | undefined },
): readonly NamedValue[] {
  const name = driverForType(type)?.paramsAttribute;
  return device.params === undefined || name === undefined
    ? device.attributes
    : [...device.attributes, { name, value: device.params }];
}
