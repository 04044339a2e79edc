import { driverForType, drivers } from '../../drivers/registry.ts';
import { groupBy } from '../../group-by.ts';
import { deviceClass } from '../../nodedev/device-class.ts';
import { attributeOf } from '../../xml/element.ts';
import { pciAddressText } from '../address.ts';
import type { Domain, DomainHostdev } from '../domain.ts';
import type { ActiveDevice, HostPicture } from '../../policy/picture.ts';
import {
  attribute,
  child,
  found,
  REMOVAL,
  type Rule,
  type RuleContext,
  uuidNode,
  valueFix,
} from './rule.ts';

/** "Mediated host device assignment requires VFIO support" */
const hostWithoutVfio: Rule = {
  code: 'host-without-vfio',
  severity: 'error',
  stage: 'host',
  summary: 'the host has /dev/vfio/vfio',
  source: 'libvirt src/qemu/qemu_hostdev.c: qemuHostdevPrepareMediatedDevices',
  check: ({ domain, host }) =>
    host === undefined || host.hasVfio
      ? []
      : domain.hostdevs
          .filter(({ uuid }) => uuid !== undefined)
          .slice(0, 1)
          .flatMap(({ element }) =>
            found(
              element,
              'Mediated host device assignment requires VFIO support',
              'Load the kernel module vfio.',
            ),
          ),
};

/** "invalid device API '%s' for device %s: device only supports '%s'" */
const modelMismatch: Rule = {
  code: 'mdev-model-mismatch',
  severity: 'error',
  stage: 'host',
  summary: "the model is the device API of the device's type",
  source: 'libvirt src/util/virmdev.c: virMediatedDeviceCheckModel',
  check: (context) =>
    activeDevices(context).flatMap(({ hostdev, device }) =>
      device.deviceApi === undefined ||
      hostdev.model === undefined ||
      hostdev.model === device.deviceApi ||
      deviceClass(device.deviceApi) !== 'vfio' // no model would be right
        ? []
        : found(
            attribute(hostdev.element, 'model'),
            `invalid device API '${hostdev.model}' for device ${device.uuid}: device only supports '${device.deviceApi}'`,
            `Write model='${device.deviceApi}'.`,
            valueFix(device.deviceApi),
          ),
    ),
};

/** The device's address on the host was copied as its address in the guest: then libvirt adds bridges up to that bus. */
const guestAddressOfHost: Rule = {
  code: 'guest-address-of-host',
  severity: 'warning',
  stage: 'host',
  summary: "the guest address is not the parent's address on the host",
  source: 'libvirt src/conf/domain_addr.c: virDomainPCIAddressSetGrow',
  check: (context) =>
    activeDevices(context).flatMap(({ hostdev, device }) =>
      hostdev.address?.kind === 'pci' && pciAddressText(hostdev.address) === device.parent
        ? found(
            hostdev.addressElement,
            `${device.parent} is the parent's address on the host; here stands the guest's`,
            'Leave the address out and libvirt finds a free one.',
            REMOVAL,
          )
        : [],
    ),
};

/** QEMU: "vfio-display-dmabuf: opengl not available" */
const displayNeedsOpengl: Rule = {
  code: 'display-needs-opengl',
  severity: 'error',
  stage: 'host',
  summary: `display='on' of an ${drivers
    .filter(({ displaysByDmabuf }) => displaysByDmabuf)
    .map(({ name }) => name)
    .join(' or ')} device needs graphics with OpenGL`,
  source: 'QEMU hw/vfio/display.c: vfio_display_dmabuf_init',
  check: (context) =>
    hasOpengl(context.domain)
      ? []
      : activeDevices(context)
          .filter(({ device }) => driverForType(device.type)?.displaysByDmabuf === true)
          .filter(({ hostdev }) => attributeOf(hostdev.element, 'display') === 'on')
          .flatMap(({ hostdev }) =>
            found(
              attribute(hostdev.element, 'display'),
              'vfio-display-dmabuf: opengl not available',
              "Add <graphics type='egl-headless'/>, or <gl enable='yes'/> to spice or sdl graphics.",
            ),
          ),
};

/** Inferred, not quoted: nobody has found a sentence of the thread of 2016 on a virtual IOMMU. */
const groupBehindVirtualIommu: Rule = {
  code: 'mdev-group-viommu',
  severity: 'warning',
  stage: 'host',
  summary: 'devices that share hardware resources are not behind a virtual IOMMU',
  source:
    "inferred: devices of one peer-to-peer group reach each other's memory by addresses the host maps; a virtual IOMMU gives each its own address space",
  check: (context) => {
    const iommu = context.domain.devices.find(({ kind }) => kind === 'iommu');
    if (iommu === undefined) return [];
    const sharing = activeDevices(context).filter(({ device }) => device.requiresGroup);
    const byGroup = groupBy(sharing, ({ device }) => device.group ?? device.uuid);
    return [...byGroup].flatMap(([group, [, second]]) =>
      second === undefined
        ? []
        : found(
            uuidNode(second.hostdev),
            `devices of group ${group} share hardware resources, but a guest with a virtual IOMMU gives each an address space of its own`,
            'Remove <iommu>, or give the domain one device of the group.',
          ),
    );
  },
};

/** The mistakes that can be found only with the host's devices. */
export const hostRules: readonly Rule[] = [
  hostWithoutVfio,
  modelMismatch,
  guestAddressOfHost,
  displayNeedsOpengl,
  groupBehindVirtualIommu,
];

/** A hostdev and the active device it names. */
export interface Assigned {
  readonly hostdev: DomainHostdev;
  readonly device: ActiveDevice;
}

/** The domain's hostdevs whose devices are active; none without a host. */
export function activeDevices({ domain, host }: Pick<RuleContext, 'domain' | 'host'>): Assigned[] {
  return host === undefined ? [] : domain.hostdevs.flatMap((hostdev) => assigned(host, hostdev));
}

function assigned(host: HostPicture, hostdev: DomainHostdev): Assigned[] {
  const device = hostdev.uuid === undefined ? undefined : host.active(hostdev.uuid);
  return device === undefined ? [] : [{ hostdev, device }];
}

/** True when some graphics device renders with OpenGL. (libvirt src/qemu/qemu_command.c: graphics) */
export function hasOpengl(domain: Domain): boolean {
  return domain.devices.some(({ kind, element }) => {
    if (kind !== 'graphics') return false;
    const gl = child(element, 'gl');
    return (
      attributeOf(element, 'type') === 'egl-headless' ||
      (gl !== undefined && attributeOf(gl, 'enable') === 'yes')
    );
  });
}
