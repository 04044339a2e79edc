import { attributeOf } from '../../xml/element.ts';
import type { DomainHostdev } from '../domain.ts';
import { hostdevModel } from '../hostdev-xml.ts';
import * as messages from '../messages.ts';
import {
  attribute,
  attributeFix,
  child,
  found,
  mediatedHostdevs,
  REMOVAL,
  type Rule,
} from './rule.ts';

/** The domain types of libvirt that do not support mediated devices: all but QEMU's and the test driver's. */
const TYPES_WITHOUT_MDEV: ReadonlySet<string> = new Set(
  'bhyve ch exe hvf hyperv linux lxc openvz parallels phyp uml vbox vmware vz xen'.split(' '),
);

/** Why a domain of that type takes no mediated devices; undefined when it does. */
export function mdevsUnsupported(
  type: string | undefined,
): { readonly message: string; readonly hint: string } | undefined {
  return type === undefined || !TYPES_WITHOUT_MDEV.has(type)
    ? undefined
    : {
        message: `a domain of type '${type}' takes no mediated devices`,
        hint: "Use <domain type='kvm'>.",
      };
}

/** Each libvirt driver for another hypervisor has its own sentence, such as "Unsupported hostdev type mdev". */
const domainType: Rule = {
  code: 'domain-type-without-mdev',
  severity: 'error',
  stage: 'validate',
  summary: 'only domains of type kvm or qemu take mediated devices',
  source: 'https://libvirt.org/formatdomain.html (host devices: mdev, QEMU/KVM only)',
  check: ({ domain }) => {
    const unsupported = mdevsUnsupported(domain.type);
    return unsupported === undefined
      ? []
      : mediatedHostdevs(domain).flatMap(({ element }) =>
          found(element, unsupported.message, unsupported.hint),
        );
  },
};

/** "VFIO CCW device assignment is not supported by this version of QEMU", "VFIO AP device assignment is not …" */
const modelArch: Rule = {
  code: 'mdev-model-arch',
  severity: 'error',
  stage: 'qemu',
  summary: 'vfio-ccw and vfio-ap devices are for s390x guests only',
  source: 'libvirt src/qemu/qemu_validate.c: qemuValidateDomainMdevDef',
  check: ({ domain }) =>
    domain.arch === undefined || domain.arch.startsWith('s390')
      ? []
      : mediatedHostdevs(domain)
          .filter(({ model }) => model === 'vfio-ccw' || model === 'vfio-ap')
          .flatMap(({ element, model }) =>
            found(
              attribute(element, 'model'),
              `VFIO ${model === 'vfio-ap' ? 'AP' : 'CCW'} device assignment is not supported by this version of QEMU`,
              `QEMU for ${domain.arch ?? ''} has no ${model ?? ''} device; only that for s390x has.`,
            ),
          ),
};

/** "hostdev mode 'capabilities' is not supported in %s" */
const capabilitiesMode: Rule = {
  code: 'hostdev-capabilities-mode',
  severity: 'error',
  stage: 'qemu',
  summary: "mode='capabilities' is for containers, not for VMs",
  source: 'libvirt src/qemu/qemu_validate.c: qemuValidateDomainDeviceDefHostdev',
  check: ({ domain }) =>
    domain.type !== 'kvm' && domain.type !== 'qemu'
      ? []
      : domain.hostdevs
          .filter(({ mode }) => mode === 'capabilities')
          .flatMap(({ element }) =>
            found(
              attribute(element, 'mode'),
              `hostdev mode 'capabilities' is not supported in ${domain.type ?? ''}`,
              "Write mode='subsystem'.",
            ),
          ),
};

/** "Can't add host USB device: USB is disabled in this host" */
const usbDisabled: Rule = {
  code: 'usb-disabled',
  severity: 'error',
  stage: 'qemu',
  summary: "a domain with <controller type='usb' model='none'/> takes no USB device",
  source:
    'https://libvirt.org/formatdomain.html (controllers: usb, model none); the sentence of 12.8',
  check: ({ domain }) => {
    const isDisabled = domain.devices.some(
      ({ kind, element }) =>
        kind === 'controller' &&
        attributeOf(element, 'type') === 'usb' &&
        attributeOf(element, 'model') === 'none',
    );
    return !isDisabled
      ? []
      : domain.hostdevs
          .filter(({ type, mode }) => type === 'usb' && mode === 'subsystem')
          .flatMap(({ element }) =>
            found(
              element,
              "Can't add host USB device: USB is disabled in this host",
              "Remove <controller type='usb' model='none'/>.",
            ),
          );
  },
};

/** "Write filtering of PCI device configuration space is not supported by qemu" */
const writeFiltering: Rule = {
  code: 'write-filtering-unsupported',
  severity: 'error',
  stage: 'qemu',
  summary: 'writeFiltering is for Xen only',
  source: 'libvirt src/qemu/qemu_validate.c: qemuValidateDomainDeviceDefHostdev',
  isPerDevice: true,
  check: ({ domain }) =>
    domain.hostdevs
      .filter(({ type }) => type === 'pci')
      .flatMap(({ element }) => {
        const source = child(element, 'source');
        return found(
          source && attribute(source, 'writeFiltering'),
          'Write filtering of PCI device configuration space is not supported by qemu',
          'Remove it.',
          REMOVAL,
        );
      }),
};

/** "booting from assigned devices is not supported by mediated devices of model vfio-pci", … vfio-ap */
const bootUnsupported: Rule = {
  code: 'mdev-boot-unsupported',
  severity: 'error',
  stage: 'qemu',
  summary: 'a guest boots from a vfio-ccw device, not from vfio-pci or vfio-ap',
  source: 'libvirt src/qemu/qemu_validate.c: qemuValidateDomainMdevDefVFIOPCI, …VFIOAP',
  isPerDevice: true,
  check: ({ domain }) =>
    mediatedHostdevs(domain).flatMap((hostdev) => {
      const model = hostdevModel(hostdev.model);
      if (model === undefined || model === 'vfio-ccw' || (hostdev.bootOrder ?? 0) === 0) return [];
      return found(
        child(hostdev.element, 'boot'),
        messages.bootUnsupported(model),
        'Remove <boot> from this hostdev.',
        REMOVAL,
      );
    }),
};

/** "booting from assigned devices is not supported by vhost SCSI devices" */
const vhostBootUnsupported: Rule = {
  code: 'vhost-scsi-boot-unsupported',
  severity: 'error',
  stage: 'qemu',
  summary: 'a guest does not boot from a vhost SCSI device',
  source: 'libvirt src/qemu/qemu_validate.c: qemuValidateDomainDeviceDefHostdev',
  isPerDevice: true,
  check: ({ domain }) =>
    domain.hostdevs
      .filter(({ type, bootOrder }) => type === 'scsi_host' && (bootOrder ?? 0) > 0)
      .flatMap(({ element }) =>
        found(
          child(element, 'boot'),
          'booting from assigned devices is not supported by vhost SCSI devices',
          'Remove <boot> from this hostdev.',
          REMOVAL,
        ),
      ),
};

/** "graphics device is needed for attribute value 'display=on' in <hostdev>" */
const displayWithoutGraphics: Rule = {
  code: 'display-without-graphics',
  severity: 'error',
  stage: 'qemu',
  summary: "display='on' needs a <graphics> device",
  source: 'libvirt src/qemu/qemu_validate.c: qemuValidateDomainMdevDefVFIOPCI',
  check: ({ domain }) =>
    domain.devices.some(({ kind }) => kind === 'graphics')
      ? []
      : withScreen(domain.hostdevs)
          .filter(({ element }) => attributeOf(element, 'display') === 'on')
          .flatMap(({ element }) =>
            found(
              attribute(element, 'display'),
              "graphics device is needed for attribute value 'display=on' in <hostdev>",
              "Add <graphics type='vnc'/> (or spice, egl-headless), or write display='off'.",
            ),
          ),
};

/** "Only one hostdev of model vfio-ap is supported" */
const apMultiple: Rule = {
  code: 'ap-multiple',
  severity: 'error',
  stage: 'qemu',
  summary: 'a domain has one vfio-ap device at most',
  source: 'libvirt src/qemu/qemu_validate.c: qemuValidateDomainMdevDefVFIOAP',
  check: ({ domain }) =>
    mediatedHostdevs(domain)
      .filter(({ model }) => model === 'vfio-ap')
      .slice(1)
      .flatMap(({ element }) =>
        found(
          element,
          'Only one hostdev of model vfio-ap is supported',
          'Assign all adapters and domains to one vfio-ap device.',
        ),
      ),
};

/**
 * "<hostdev> attribute 'display' is only supported with model='vfio-pci'": libvirt has the sentence, but never reaches
 * it. It passes the property to QEMU, whose vfio-ccw and vfio-ap devices do not have it. So the VM does not start,
 * whatever the value is.
 */
const displayModel: Rule = {
  code: 'display-model',
  severity: 'error',
  stage: 'start',
  summary: 'display and ramfb are for vfio-pci devices only',
  source: 'libvirt src/qemu/qemu_command.c: qemuBuildHostdevMediatedDevProps',
  isPerDevice: true,
  check: ({ domain }) =>
    mediatedHostdevs(domain)
      .filter(({ model }) => model === 'vfio-ccw' || model === 'vfio-ap')
      .flatMap(({ element }) =>
        (['display', 'ramfb'] as const).flatMap((name) =>
          found(
            attribute(element, name),
            messages.displayUnsupported(name),
            'libvirt accepts it, but QEMU then refuses to start the VM: remove it.',
            REMOVAL,
          ),
        ),
      ),
};

/** QEMU: "ramfb=on requires display=on"; libvirt has no check, and adds display='off' when it is absent. */
const ramfbWithoutDisplay: Rule = {
  code: 'ramfb-without-display',
  severity: 'error',
  stage: 'start',
  summary: "ramfb='on' needs display='on'",
  source: 'QEMU hw/vfio/pci.c: vfio_realize',
  isPerDevice: true,
  check: ({ domain }) =>
    withScreen(domain.hostdevs)
      .filter(
        ({ element }) =>
          attributeOf(element, 'ramfb') === 'on' && attributeOf(element, 'display') !== 'on',
      )
      .flatMap(({ element }) =>
        found(
          attribute(element, 'ramfb'),
          messages.RAMFB_NEEDS_DISPLAY,
          "libvirt accepts it, but QEMU then refuses to start the VM: add display='on'.",
          attributeFix('display', 'on'),
        ),
      ),
};

/** The mistakes that libvirt's QEMU driver or QEMU itself refuses. */
export const qemuRules: readonly Rule[] = [
  domainType,
  modelArch,
  capabilitiesMode,
  usbDisabled,
  writeFiltering,
  bootUnsupported,
  vhostBootUnsupported,
  displayWithoutGraphics,
  apMultiple,
  displayModel,
  ramfbWithoutDisplay,
];

/** Hostdevs that can have a screen. */
function withScreen(hostdevs: readonly DomainHostdev[]): readonly DomainHostdev[] {
  return hostdevs.filter(({ type, model }) =>
    type === 'mdev' ? model === 'vfio-pci' : type === 'pci',
  );
}
