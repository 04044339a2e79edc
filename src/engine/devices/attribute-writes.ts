import { driverForType } from '../../drivers/registry.ts';
import type { NamedValue, NodeDevice } from '../../nodedev/device.ts';

/** The settings of a device. */
export interface Settings {
  /** sysfs attributes, in order. */
  readonly attributes: readonly NamedValue[];
  /** `<params>` of the thread dialect. */
  readonly params?: string | undefined;
}

/**
 * The attributes to write for a device: its own in order, then its params, unchanged, in the driver's attribute for them. Those
 * that the driver needs in an order of its own come last, in that; of their names the last part is enough: `placement_id`.
 */
export function attributeWrites(
  type: string,
  { attributes, params }: Settings,
): readonly NamedValue[] {
  const { paramsAttribute: name, attributeOrder = [] } = driverForType(type) ?? {};
  const all =
    params === undefined || name === undefined
      ? attributes
      : [...attributes, { name, value: params }];
  if (attributeOrder.length === 0) return all;
  const placeOf = (write: NamedValue): number => attributeOrder.indexOf(write.name);
  return all
    .map((write) => {
      const whole = attributeOrder.find((one) => one.endsWith(`/${write.name}`));
      return whole === undefined ? write : { ...write, name: whole };
    })
    .toSorted((one, other) => placeOf(one) - placeOf(other));
}

/** The reverse: splits a definition's attributes into attributes and params, the last value of the driver's attribute for them. */
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

/** A mediated device whose params are said in the driver's attribute for them, as its definition has them. */
export function withParamsAsAttribute(device: NodeDevice): NodeDevice {
  return {
    ...device,
    capabilities: device.capabilities.map((one) => {
      const type = one.kind === 'mdev' ? one.types[0]?.id : undefined;
      return one.kind !== 'mdev' || type === undefined
        ? one
        : { ...one, attributes: attributeWrites(type, one), params: undefined };
    }),
  };
}
