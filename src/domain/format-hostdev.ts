import { optionsOf, type ShapesOf, withArguments } from '../arguments.ts';
import { NodedevError } from '../errors.ts';
import type { Dialect, PciAddress } from '../nodedev/device.ts';
import { dialectShape } from '../nodedev/shapes.ts';
import type { XmlElement } from '../xml/element.ts';
import { buildElement } from '../xml/element.ts';
import { writeXml } from '../xml/write.ts';
import { guestAddressElement, onOff, pciNumbers } from './address.ts';
import type { Hostdev } from './hostdev.ts';
import { hostdevShape } from './hostdev-shape.ts';

/** How a hostdev is written. By default, and as `extended`, as libvirt prints it. */
export interface FormatHostdevOptions {
  /** `thread`: as proposed in 2016, `type='pci'` with `<source type='mdev'>`; no released libvirt reads it. */
  readonly dialect?: Dialect | undefined;
}

/**
 * A mediated device as a `<hostdev>` element, attributes and children in libvirt's order.
 * (src/conf/domain_conf.c: virDomainHostdevDefFormat, virDomainDeviceInfoFormat)
 * @throws NodedevError `hostdev-unsupported`: the thread's form of a device that is no PCI device for the guest
 */
export function hostdevElement(hostdev: Hostdev, options: FormatHostdevOptions = {}): XmlElement {
  const thread = options.dialect === 'thread';
  const {
    function: place,
    model,
    managed,
    bootOrder,
    loadparm,
    alias,
    acpiIndex,
    address,
    iommufd,
    extra = [],
  } = hostdev;
  if (thread && model !== undefined && model !== 'vfio-pci') {
    throw new NodedevError('hostdev-unsupported', `the thread's form has no ${model} devices`, {
      hint: 'Write it in the libvirt dialect.',
    });
  }
  if (thread && place !== undefined) {
    throw new NodedevError(
      'hostdev-unsupported',
      "the thread's form has no functions with a type",
      {
        hint: 'Write it in the libvirt dialect.',
      },
    );
  }
  if (place === undefined && iommufd === true) {
    throw new NodedevError(
      'hostdev-unsupported',
      'libvirt has iommufd for PCI devices only, not for mediated ones',
      { hint: "Leave it out; QEMU's own arguments have it." },
    );
  }
  const isPci = thread || place !== undefined;
  return buildElement(
    'hostdev',
    {
      mode: 'subsystem',
      type: isPci ? 'pci' : 'mdev',
      managed: managed === undefined ? undefined : managed ? 'yes' : 'no',
      // What is for PCI devices only has no model.
      model: isPci ? undefined : (model ?? 'vfio-pci'),
      display: onOff(hostdev.display),
      ramfb: onOff(hostdev.ramfb),
    },
    [
      iommufd === undefined || place === undefined
        ? undefined
        : buildElement('driver', { iommufd: iommufd ? 'yes' : 'no' }),
      place === undefined ? sourceOf(hostdev.uuid, thread) : functionSource(place),
      bootOrder === undefined
        ? undefined
        : buildElement('boot', { order: String(bootOrder), loadparm }),
      alias === undefined ? undefined : buildElement('alias', { name: alias }),
      ...extra,
      acpiIndex === undefined ? undefined : buildElement('acpi', { index: String(acpiIndex) }),
      address === undefined ? undefined : guestAddressElement(address),
    ],
  );
}

const ARGUMENTS = [
  hostdevShape,
  optionsOf({ dialect: dialectShape } satisfies ShapesOf<FormatHostdevOptions>),
];

/**
 * A mediated device as a `<hostdev>` element, in libvirt's layout.
 *
 * @throws NodedevError `hostdev-unsupported`: the thread's form of a device that is no PCI device for the guest;
 *   `request-invalid`: an argument of another type
 */
export function formatHostdev(hostdev: Hostdev, options: FormatHostdevOptions = {}): string {
  return withArguments('formatHostdev', ARGUMENTS, [hostdev, options], () =>
    writeXml(hostdevElement(hostdev, options)),
  );
}

const sourceOf = (uuid: string, thread: boolean): XmlElement =>
  thread ? threadSource(uuid) : libvirtSource(uuid);

/** The function's address on the host, as libvirt prints it: without the type that an address in the guest has. */
const functionSource = (place: PciAddress): XmlElement =>
  buildElement('source', {}, [buildElement('address', pciNumbers(place))]);

function libvirtSource(uuid: string): XmlElement {
  return buildElement('source', {}, [buildElement('address', { uuid })]);
}

function threadSource(uuid: string): XmlElement {
  return buildElement('source', { type: 'mdev' }, [buildElement('uuid', {}, [uuid])]);
}
