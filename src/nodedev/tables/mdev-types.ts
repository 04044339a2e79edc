import { childElements } from '../../xml/element.ts';
import type { Dialect, MdevType, MdevTypesCapability } from '../model.ts';
import { attribute, child, children, only, optional, printed } from '../fields.ts';
import { capabilityOf, recordTypeOf, wrappedCapability } from '../record.ts';
import type { TableFor } from '../table.ts';
import { text, unsignedInt } from '../values.ts';
import { typeAttribute } from './common.ts';

const OURS: readonly Dialect[] = ['thread', 'extended'];

const offeredTypeLines: TableFor<MdevType> = {
  id: attribute('id', text, {
    missing: () => "missing 'id' attribute for mediated device's <type> element",
  }),
  name: optional(child('name', text)),
  deviceApi: optional(child('deviceAPI', text)),
  availableInstances: optional(child('availableInstances', unsignedInt)),
  attributes: only(OURS, children('attribute', typeAttribute)),
  description: only(['extended'], optional(child('description', text))),
};

/** A type in libvirt's `mdev_types`. */
const offeredType = recordTypeOf<MdevType>(offeredTypeLines, {
  extensible: true,
  check: ({ id, deviceApi, availableInstances }) => {
    if (deviceApi === undefined) return `missing device API for mediated device type '${id}'`;
    return availableInstances === undefined
      ? `missing number of available instances for mediated device type '${id}'`
      : undefined;
  },
});

/**
 * A type in the thread dialect, with name and attributes, and the type of an mdev, of which libvirt prints only the id.
 * A request may have attributes instead of an id: then the type must have these.
 */
export const describedType = recordTypeOf<MdevType>(
  {
    ...offeredTypeLines,
    id: optional(attribute('id', text)),
    name: only(OURS, offeredTypeLines.name),
    deviceApi: only(['extended'], offeredTypeLines.deviceApi),
    availableInstances: only(['extended'], offeredTypeLines.availableInstances),
  },
  {
    extensible: true,
    check: ({ id, attributes }, subject) =>
      id === undefined && attributes.length === 0 ? missingId(subject) : undefined,
  },
);

const missingId = (subject: string): string => `missing type id attribute for '${subject}'`;

/** `<capability type='mdev_types'>`, at the top of a device whose own capability cannot hold it. */
export const mdevTypes = capabilityOf<MdevTypesCapability>('mdev_types', {
  types: printed(children('type', offeredType), creatable),
});

/** At the top of a device, libvirt prints the element twice, one in the other, and never an empty one. */
export const doubledMdevTypes = wrappedCapability<MdevTypesCapability>('mdev_types', mdevTypes, {
  suits: ({ types }, dialect) => dialect === 'libvirt' && types.length > 0,
  recognises: (element) => childElements(element, 'capability').length > 0,
});

/**
 * The thread's `<capability type='mdev'>` inside a parent's capability. The other dialects use it, too, for types that
 * have no device API or no number of instances, which libvirt's form requires.
 */
const threadMdevTypes = capabilityOf<MdevTypesCapability>(
  'mdev_types',
  { types: printed(children('type', describedType), creatable) },
  {
    tag: ['type', 'mdev'],
    check: ({ types }, subject) =>
      types.every(({ id }) => id !== undefined) ? undefined : missingId(subject),
    suits: ({ types }, dialect) =>
      dialect === 'thread' || (dialect === 'extended' && !types.every(isComplete)),
  },
);

/** The types inside a parent's pci, css or ap_matrix capability. libvirt does not print an empty element there. */
export const offeredTypes = [
  threadMdevTypes,
  {
    ...mdevTypes,
    suits: ({ types }: MdevTypesCapability, dialect: Dialect) =>
      dialect !== 'libvirt' || types.length > 0,
  },
] as const;

function isComplete({ deviceApi, availableInstances }: MdevType): boolean {
  return deviceApi !== undefined && availableInstances !== undefined;
}

/** In the thread's proposal only types that can still be created are listed. */
function creatable(
  types: readonly MdevType[] | undefined,
  dialect: Dialect,
): readonly MdevType[] | undefined {
  return dialect === 'thread'
    ? types?.filter(({ availableInstances }) => availableInstances !== 0)
    : types;
}
