import { NodedevError } from '../errors.ts';
import type { NodeDevice } from '../nodedev/device.ts';
import type { HostdevSettings, PciHostdev } from './hostdev.ts';

/** Whether a node device is an SR-IOV virtual function that has no types. */
export function isPlainFunction({ capabilities }: NodeDevice): boolean {
  const pci = capabilities.find(({ kind }) => kind === 'pci');
  const kinds = pci?.kind === 'pci' ? pci.capabilities.map(({ kind }) => kind) : [];
  return kinds.includes('phys_function') && !kinds.includes('mdev_types');
}

/**
 * The hostdev that gives an SR-IOV virtual function without types to a VM; nothing has to be created for it. It is managed, so
 * that libvirt binds it to the best VFIO driver (10.0), unless it is bound to one already.
 *
 * @throws NodedevError `hostdev-unsupported`: no such function
 */
export function functionHostdev(device: NodeDevice, settings: HostdevSettings): PciHostdev {
  const pci = device.capabilities.find(({ kind }) => kind === 'pci');
  const { domain, bus, slot, function: number } = pci?.kind === 'pci' ? pci : {};
  if (domain === undefined || bus === undefined || slot === undefined || number === undefined) {
    const name = device.name ?? 'the device';
    throw new NodedevError('hostdev-unsupported', `${name} is no virtual function without types`, {
      hint: 'Of one with types, create a device: that is given to a VM.',
    });
  }
  const managed = !(device.driver ?? '').includes('vfio');
  return { ...settings, managed, host: { domain, bus, slot, function: number } };
}
