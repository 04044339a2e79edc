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
 * that the driver needs in an order of its own are in that, at the places they have; of their names the last part is enough:
 * `placement_id`.
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
  const named = all.map((write) => {
    const whole = attributeOrder.find((each) => each.endsWith(`/${write.name}`));
    return whole === undefined ? write : { ...write, name: whole };
  });
  const ordered = named
    .filter((write) => placeOf(write) !== -1)
    .toSorted((one, other) => placeOf(one) - placeOf(other));
  return named.map((write) => (placeOf(write) === -1 ? write : (ordered.shift() ?? write)));
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
