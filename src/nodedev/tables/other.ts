import { attribute, child, children, nested, optional, printed } from '../fields.ts';
import { supplied } from '../messages.ts';
import { capability, extensible, recordType, wrapped } from '../record.ts';
import { oneOf, text, unsignedInt, uuid } from '../values.ts';
import { identifiedName } from './common.ts';

const hardware = extensible({
  vendor: optional(child('vendor', text)),
  version: optional(child('version', text)),
  serial: optional(child('serial', text)),
  uuid: child('uuid', uuid, {
    missing: (subject) => `no system UUID supplied for '${subject}'`,
    invalid: (subject) => `malformed uuid element for '${subject}'`,
  }),
});

const firmware = extensible(
  {
    vendor: optional(child('vendor', text)),
    version: optional(child('version', text)),
    releaseDate: optional(child('release_date', text)),
  },
  { expanded: true },
);

/** `<capability type='system'>`: the host itself, `computer`. */
export const system = capability('system', {
  product: optional(child('product', text)),
  hardware: child('hardware', hardware, supplied('system UUID')),
  // libvirt's schema wants the element and libvirt prints it, empty or not.
  firmware: printed(optional(child('firmware', firmware)), (value, dialect) =>
    dialect === 'libvirt' ? (value ?? { extra: [] }) : value,
  ),
});

/** `<capability type='usb_device'>`. */
export const usbDevice = capability(
  'usb_device',
  {
    bus: child('bus', unsignedInt, supplied('USB bus number')),
    device: child('device', unsignedInt, supplied('USB device number')),
    /** The port path, `1.4.2`; since libvirt 12. */
    port: optional(child('port', text)),
    product: child('product', identifiedName, supplied('USB product ID')),
    vendor: child('vendor', identifiedName, supplied('USB vendor ID')),
  },
  {
    check: ({ product, vendor }, subject) => {
      if (vendor.id === undefined) return supplied('USB vendor ID').missing(subject);
      return product.id === undefined ? supplied('USB product ID').missing(subject) : undefined;
    },
  },
);

/** `<capability type='usb'>`: an interface of a USB device. */
export const usb = capability('usb', {
  number: child('number', unsignedInt, supplied('USB interface number')),
  class: child('class', unsignedInt, supplied('USB interface class')),
  subclass: child('subclass', unsignedInt, supplied('USB interface subclass')),
  protocol: child('protocol', unsignedInt, supplied('USB interface protocol')),
  description: optional(child('description', text)),
});

const linkLines = recordType({
  /** In Mbit/s. */
  speed: optional(attribute('speed', unsignedInt)),
  state: optional(
    attribute(
      'state',
      oneOf('unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up'),
    ),
  ),
});

const netLink = { ...linkLines, optionalWhenEmpty: true };

/** `<capability type='80203'/>`: Ethernet. */
export const ethernet = capability('80203', {}, { repeats: true });

/** `<capability type='80211'/>`: wireless. */
export const wireless = capability('80211', {}, { repeats: true });

/** What a network card can do. (https://libvirt.org/formatnode.html) */
const FEATURES = [
  'rx',
  'tx',
  'sg',
  'tso',
  'gso',
  'gro',
  'lro',
  'rxvlan',
  'txvlan',
  'ntuple',
  'rxhash',
  'rdma',
  'txudptnl',
  'switchdev',
] as const;

/** `<capability type='net'>`: a network interface. */
export const net = capability('net', {
  interface: child('interface', text, supplied('network interface')),
  /** The MAC address. */
  address: optional(child('address', text)),
  link: optional(child('link', netLink)),
  // libvirt has a set of them, in its own order.
  features: printed(
    children(
      'feature',
      wrapped(
        attribute('name', oneOf(...FEATURES), {
          missing: () => 'missing network device feature name',
          invalid: (_, written) => `unknown network device feature '${written}'`,
        }),
      ),
    ),
    (given = [], dialect) =>
      dialect === 'libvirt' ? FEATURES.filter((name) => given.includes(name)) : given,
  ),
  capabilities: nested(ethernet, wireless),
});

/** `<capability type='drm'>`: a device node of a graphics card. */
export const drm = capability('drm', {
  type: child('type', oneOf('primary', 'control', 'render'), {
    invalid: (subject, written) => `unknown drm type '${written}' for '${subject}'`,
  }),
});

/** `<capability type='vdpa'>`. libvirt prints it but cannot read it. */
export const vdpa = capability('vdpa', { chardev: child('chardev', text) });
