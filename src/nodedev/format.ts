import { optionsOf, type ShapesOf, withArguments } from '../arguments.ts';
import { NodedevError } from '../errors.ts';
import type { XmlElement } from '../xml/element.ts';
import { writeXml } from '../xml/write.ts';
import type { Dialect, NodeDevice } from './device.ts';
import { locationOf } from './location.ts';
import { dialectShape, nodeDeviceShape } from './shapes.ts';
import { device as deviceTable } from './tables/device.ts';
import { Writer } from './write.ts';

export interface FormatNodeDeviceOptions {
  /** Default: `extended`, which prints everything. */
  readonly dialect?: Dialect | undefined;
}

const ARGUMENTS = [
  nodeDeviceShape,
  optionsOf({ dialect: dialectShape } satisfies ShapesOf<FormatNodeDeviceOptions>),
];

/**
 * A node device as XML, laid out as libvirt does.
 *
 * - `libvirt`: exactly what libvirt prints (iommuGroup 0 for a device without one, vport counts 0).
 *   Group, params, a type's attributes and description, and unknown child elements are left out. Several types, which
 *   libvirt does not read, are one document each, one after the other.
 * - `thread`: the form proposed in 2016. The types of a parent are `<capability type='mdev'>`, with name and attributes
 *   only, and only those that can still be created. No parent_addr.
 * - `extended`: everything.
 *
 * @throws NodedevError `nodedev-invalid`: the libvirt dialect has no form for a type that is given by its attributes;
 *   `request-invalid`: an argument of another type
 */
export function formatNodeDevice(
  device: NodeDevice,
  options: FormatNodeDeviceOptions = {},
): string {
  return withArguments('formatNodeDevice', ARGUMENTS, [device, options], () => {
    const { dialect } = options;
    if (dialect !== 'libvirt') return writeXml(nodeDeviceElement(device, dialect));
    return oneTypeEach(device)
      .map((each) => writeXml(nodeDeviceElement(each, dialect)))
      .map((text) => (isUsbDevice(device) ? text.replaceAll(NAMELESS, '$1 />') : text))
      .join('');
  });
}

/** libvirt prints a space after the id of a USB device's vendor or product without a name, and nowhere else. */
const NAMELESS = /^( *<(?:product|vendor) id='0x[0-9a-f]+')\/>$/gmu;

function isUsbDevice({ capabilities }: NodeDevice): boolean {
  return capabilities.some(({ kind }) => kind === 'usb_device');
}

/** libvirt reads one `<type>` of a device. A document that asks for several devices becomes several documents. */
function oneTypeEach(device: NodeDevice): readonly NodeDevice[] {
  const several = device.capabilities.find((one) => one.kind === 'mdev' && one.types.length > 1);
  if (several?.kind !== 'mdev') return [device];
  return several.types.map((type) => ({
    ...device,
    capabilities: device.capabilities.map((one) =>
      one === several ? { ...several, types: [type] } : one,
    ),
  }));
}

/** The `<device>` element {@link formatNodeDevice} prints. */
export function nodeDeviceElement(device: NodeDevice, dialect: Dialect = 'extended'): XmlElement {
  if (dialect === 'libvirt') refuseCriteria(device);
  return new Writer(dialect).write(deviceTable, device, 'device', 0);
}

function refuseCriteria(device: NodeDevice): void {
  const types = device.capabilities.flatMap((each) => (each.kind === 'mdev' ? each.types : []));
  const unnamed = types.find(({ id }) => id === undefined);
  if (unnamed === undefined) return;
  throw new NodedevError('nodedev-invalid', 'libvirt has no <type> without id', {
    hint: 'create the device first, or use the extended dialect',
    location: locationOf(unnamed),
  });
}
