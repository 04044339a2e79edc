import * as v from 'valibot';
import { optionalText, optionsOf, type ShapesOf, withArguments } from '../arguments.ts';
import { attributeOf } from '../xml/element.ts';
import { NodedevError } from '../errors.ts';
import { ccwAddressText, onOff, pciAddressText, readZpci } from './address.ts';
import type { Domain, DomainDevice } from './domain.ts';
import type { GuestAddress, Hostdev, PciHostdev, ZpciAddress } from './hostdev.ts';
import { domainShape, hostdevShape, pciHostdevShape, propertiesShape } from './hostdev-shape.ts';
import { overriddenProperty, type QemuProperties } from './qemu-property.ts';
import { GENERATED_ALIAS, USER_ALIAS } from './messages.ts';
import { pciMachine } from './pci/machine.ts';
import { pciTopology } from './pci/topology.ts';

/** What the arguments depend on, besides the device. */
export interface QemuOptions {
  /** QEMU's id of the device; default: its alias, else `hostdev0`. */
  readonly id?: string | undefined;
  /** The VM of the device: its machine and its PCI controllers decide on QEMU's name of a bus. */
  readonly domain?: Domain | undefined;
  /** Without `domain`: the machine type, which decides on the name of the root bus (`q35`: `pcie.0`). */
  readonly machine?: string | undefined;
  /** `json` (default): as libvirt does; `plain`: `vfio-pci,id=…,sysfsdev=…`, as people write it. */
  readonly form?: 'json' | 'plain' | undefined;
  /** The socket where the device is served by vfio-user: QEMU opens this, and no device of the host. */
  readonly socket?: string | undefined;
  /** Further properties of the device. */
  readonly properties?: QemuProperties | undefined;
}

type Properties = Readonly<Record<string, string | number | boolean | undefined>>;

const ARGUMENTS = [
  v.union([hostdevShape, pciHostdevShape]),
  optionsOf({
    id: optionalText,
    domain: v.optional(domainShape),
    machine: optionalText,
    form: v.optional(v.picklist(['json', 'plain'])),
    socket: optionalText,
    properties: propertiesShape,
  } satisfies ShapesOf<QemuOptions>),
];

/**
 * The arguments libvirt starts QEMU with for one host device: `-device` and an object in JSON, properties in
 * libvirt's order; with iommufd, `-object` before it. On s390x the zPCI device of a host's PCI device comes first; mediated devices get none. For a device
 * without an address, QEMU chooses one. (libvirt src/qemu/qemu_command.c: qemuBuildHostdevMediatedDevProps,
 * qemuBuildPCIHostdevDevProps)
 *
 * @throws NodedevError `request-invalid`: an argument of another type; `hostdev-unsupported`: a socket in the plain form
 */
export function qemuDeviceArguments(
  hostdev: Hostdev | PciHostdev,
  options: QemuOptions = {},
): readonly string[] {
  return withArguments('qemuDeviceArguments', ARGUMENTS, [hostdev, options], () => {
    const { address, iommufd } = hostdev;
    const zpci = address?.kind === 'pci' ? address.zpci : undefined;
    if (options.socket !== undefined && options.form === 'plain') {
      throw new NodedevError('hostdev-unsupported', 'the plain form cannot say a socket', {
        hint: 'use the form of JSON',
      });
    }
    return [
      ...(iommufd === true && options.socket === undefined ? iommufdObject(options.form) : []),
      ...argumentsOf(hostdev, options, zpci),
    ];
  });
}

function argumentsOf(
  hostdev: Hostdev | PciHostdev,
  options: QemuOptions,
  zpci: ZpciAddress | undefined,
): readonly string[] {
  const id = options.id ?? kept(hostdev.alias) ?? 'hostdev0';
  const isMediated = 'uuid' in hostdev && hostdev.function === undefined;
  const properties =
    options.socket === undefined
      ? propertiesOf(hostdev, id)
      : { driver: SERVED, id, bootindex: hostdev.bootOrder };
  // Adapters of vfio-ap are nowhere in the guest, whatever the domain says.
  const address = isMediated && hostdev.model === 'vfio-ap' ? undefined : hostdev.address;
  const devices = [
    ...(isMediated ? [] : zpciDevice(zpci, id)),
    {
      ...properties,
      ...(address === undefined ? {} : addressProperties(address, options)),
      'acpi-index': hostdev.acpiIndex,
      ...furtherProperties(options.properties),
    },
  ];
  return devices.flatMap((one) => [
    '-device',
    options.form === 'plain' ? plain(one) : JSON.stringify(withSocket(one, options.socket)),
  ]);
}

/** The device of QEMU 10.1 and later for what another process serves (QEMU docs/system/devices/vfio-user.rst). */
const SERVED = 'vfio-user-pci';

const withSocket = (device: Properties, path: string | undefined): object =>
  device['driver'] === SERVED ? { ...device, socket: { path, type: 'unix' } } : device;

function propertiesOf(hostdev: Hostdev | PciHostdev, id: string): Properties {
  if (!('uuid' in hostdev)) return pci(hostdev, id);
  const { function: host } = hostdev;
  return host === undefined ? mediatedArguments(hostdev, id) : pci({ ...hostdev, host }, id);
}

/** The arguments of all mediated and PCI host devices of a domain, named as libvirt does. */
export function qemuDomainArguments(domain: Domain): readonly string[] {
  const ids = hostdevIds(domain);
  const usesIommufd = domain.hostdevs.some((one) => (one.mdev ?? one.pci)?.iommufd === true);
  const devices = domain.hostdevs.flatMap((hostdev) => {
    const assigned = hostdev.mdev ?? hostdev.pci;
    // An address may have zPCI numbers only, and leave the rest to libvirt.
    const zpci = hostdev.addressElement && readZpci(hostdev.addressElement);
    return assigned === undefined
      ? []
      : argumentsOf(assigned, { id: ids.get(hostdev), domain }, zpci);
  });
  return [...(usesIommufd ? iommufdObject() : []), ...devices];
}

const IOMMUFD = 'iommufd0';

/**
 * The object that the devices of a VM share. libvirt gives it an open file, which exists only while it starts the VM; without one
 * QEMU opens `/dev/iommu` itself. (QEMU docs/devel/vfio-iommufd.rst)
 */
function iommufdObject(form?: QemuOptions['form']): readonly string[] {
  const object = JSON.stringify({ 'qom-type': 'iommufd', id: IOMMUFD });
  return ['-object', form === 'plain' ? `iommufd,id=${IOMMUFD}` : object];
}

/**
 * The ids of host devices. Those without an alias that is kept get hostdevN, N more than all before and all that are given;
 * network interfaces that are host devices come first. (libvirt src/qemu/qemu_alias.c: qemuAssignDeviceHostdevAlias)
 */
function hostdevIds({ devices, hostdevs, element }: Domain): ReadonlyMap<DomainDevice, string> {
  const interfaces = devices.filter(
    (one) => one.kind === 'interface' && attributeOf(one.element, 'type') === 'hostdev',
  );
  const all = [...interfaces, ...hostdevs];
  // Only a domain that runs has libvirt's own: in a definition they are dropped.
  const isRunning = attributeOf(element, 'id') !== undefined;
  const aliasOf = ({ alias = '' }: DomainDevice): string | undefined =>
    USER_ALIAS.test(alias) || (isRunning && GENERATED_ALIAS.test(alias)) ? alias : undefined;
  const given = all.map((one) => Number(/^hostdev(\d+)$/u.exec(aliasOf(one) ?? '')?.[1] ?? -1));
  let next = Math.max(-1, ...given) + 1;
  return new Map(
    all.map((one) => {
      const id = aliasOf(one) ?? `hostdev${next}`;
      if (id === `hostdev${next}`) next += 1;
      return [one, id];
    }),
  );
}

/** The alias, unless libvirt drops it: it keeps those that it generated, and those in the form for users. */
function kept(alias: string | undefined): string | undefined {
  return alias !== undefined && (USER_ALIAS.test(alias) || GENERATED_ALIAS.test(alias))
    ? alias
    : undefined;
}

function mediatedArguments(hostdev: Hostdev, id: string): Properties {
  // The thread's form has no model, because it is for PCI devices only.
  const model = hostdev.model ?? 'vfio-pci';
  // libvirt adds display='off' to a vfio-pci hostdev without display (src/qemu/qemu_postparse.c).
  const display = hostdev.display ?? (model === 'vfio-pci' ? false : undefined);
  return {
    driver: driverOf(model, hostdev.ramfb),
    id,
    sysfsdev: `/sys/bus/mdev/devices/${hostdev.uuid}`,
    display: onOff(display),
    ramfb: whenOn(hostdev.ramfb),
    bootindex: hostdev.bootOrder,
    loadparm: hostdev.loadparm,
    iommufd: hostdev.iommufd === true ? IOMMUFD : undefined,
  };
}

function pci(hostdev: PciHostdev, id: string): Properties {
  return {
    driver: driverOf('vfio-pci', hostdev.ramfb),
    host: pciAddressText(hostdev.host),
    id,
    bootindex: hostdev.bootOrder,
    display: onOff(hostdev.display),
    ramfb: whenOn(hostdev.ramfb),
    iommufd: hostdev.iommufd === true ? IOMMUFD : undefined,
  };
}

/** libvirt writes ramfb only when it is on. */
function whenOn(ramfb: boolean | undefined): true | undefined {
  return ramfb === true ? true : undefined;
}

/** Only the variant without hot-plug has a ramfb. (qemuBuildHostdevMdevModelTypeString) */
function driverOf(model: string, ramfb: boolean | undefined): string {
  return model === 'vfio-pci' && ramfb === true ? 'vfio-pci-nohotplug' : model;
}

/** libvirt's qemuBuildDeviceAddressProps. */
function addressProperties(address: GuestAddress, options: QemuOptions): Properties {
  if (address.kind === 'ccw') return { devno: ccwAddressText(address) };
  const slot = `0x${address.slot.toString(16)}`;
  return {
    bus: busName(address.bus, options),
    multifunction: address.multifunction,
    addr: address.function === 0 ? slot : `${slot}.0x${address.function.toString(16)}`,
  };
}

/** libvirt's qemuBuildZPCIDevProps. */
function zpciDevice(zpci: ZpciAddress | undefined, id: string): readonly Properties[] {
  if (zpci?.uid === undefined) return [];
  return [{ driver: 'zpci', uid: zpci.uid, fid: zpci.fid, target: id, id: `zpci${zpci.uid}` }];
}

/**
 * QEMU's name of a PCI bus: the alias of its controller, which is fixed for the root buses. (libvirt
 * src/qemu/qemu_command.c: qemuBuildDeviceAddressPCIGetBus, src/qemu/qemu_alias.c)
 */
function busName(bus: number, { domain, machine }: QemuOptions): string {
  const controller = domain && pciTopology(domain).controllers.get(bus);
  const model = controller?.model;
  const isRoot = bus === 0 && pciMachine(domain ?? { machine })?.root === 'pcie-root';
  if (model === 'pcie-root' || (controller === undefined && isRoot)) return 'pcie.0';
  const alias = controller?.device.alias;
  return alias?.startsWith('ua-') === true && model !== 'pci-root' ? alias : `pci.${bus}`;
}

function furtherProperties(properties: QemuProperties = {}): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, written]): [string, string | number | boolean] => {
      const { type, value } = overriddenProperty(name, written);
      if (type === 'bool') return [name, value === 'true'];
      return [name, type === 'string' ? value : Number(value)];
    }),
  );
}

/** `DRIVER,NAME=VALUE,…`: a comma in a value is doubled. (QEMU util/keyval.c, docs/system/invocation) */
function plain({ driver, ...properties }: Properties): string {
  const words = Object.entries(properties).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const text = typeof value === 'boolean' ? onOff(value) : String(value);
    return [`${name}=${text?.replaceAll(',', ',,')}`];
  });
  return [driver, ...words].join(',');
}
