import { attributeOf, childElements, type XmlElement } from '../../xml/element.ts';
import type { DomainDevice } from '../domain.ts';
import { isPciModel, type Plug } from './buses.ts';

/** How a device plugs into a PCI bus. */
export interface PciPlug {
  readonly plug: Plug;
  /** True for a device that is on bus 0 only. */
  readonly integrated?: boolean;
}

/** Kinds of devices whose virtio models are Express devices where the guest has Express. */
const VIRTIO_KINDS: ReadonlySet<string> = new Set(
  'filesystem input memballoon rng sound video vsock memory interface disk'.split(' '),
);

/** Models besides virtio's that are Express devices. */
const EXPRESS_MODELS: ReadonlySet<string> = new Set([
  'e1000e',
  'igb',
  'bochs',
  'virtio-mem',
  'virtio-pmem',
]);

const EXPRESS_CONTROLLERS: Readonly<Record<string, readonly (string | undefined)[]>> = {
  usb: ['nec-xhci', 'qemu-xhci'],
  scsi: ['virtio-scsi', 'virtio-non-transitional'],
  'virtio-serial': ['virtio', 'virtio-non-transitional', undefined],
  nvme: [undefined],
};

/**
 * How libvirt takes a device that has a PCI address. Host devices are Express devices then, whatever the host has, and
 * what libvirt knows no PCI device of is a conventional one. (libvirt 9.0 to 12.8 src/qemu/qemu_domain_address.c:
 * qemuDomainDeviceCalculatePCIConnectFlags, qemuDomainCollectPCIAddress)
 *
 * @param express whether the guest's root bus is PCI Express
 */
export function pciPlug({ kind, element }: DomainDevice, express: boolean): PciPlug {
  if (kind === 'controller' && attributeOf(element, 'type') === 'pci') {
    const model = attributeOf(element, 'model');
    return { plug: isPciModel(model) ? model : 'pci' };
  }
  return {
    plug: express && isExpress(kind, element) ? 'pcie' : 'pci',
    integrated: kind === 'iommu' || kind === 'panic',
  };
}

function isExpress(kind: string, element: XmlElement): boolean {
  const model = modelOf(kind, element);
  switch (kind) {
    case 'hostdev':
    case 'iommu':
      return true;
    case 'controller':
      return (EXPRESS_CONTROLLERS[attributeOf(element, 'type') ?? ''] ?? []).includes(model);
    case 'interface':
      if (['hostdev', 'vdpa'].includes(attributeOf(element, 'type') ?? '')) return true;
      break;
    case 'disk':
    case 'filesystem':
      if (model === undefined) return true;
  }
  if (model !== undefined && EXPRESS_MODELS.has(model)) return true;
  return VIRTIO_KINDS.has(kind) && (model === 'virtio' || model === 'virtio-non-transitional');
}

/** Most devices have it as an attribute, interfaces and videos as a child. */
function modelOf(kind: string, element: XmlElement): string | undefined {
  if (kind !== 'interface' && kind !== 'video') return attributeOf(element, 'model');
  const model = childElements(element, 'model')[0];
  return model && attributeOf(model, 'type');
}
