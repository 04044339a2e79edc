import { attributeOf } from '../../xml/element.ts';
import type { Domain, DomainDevice } from '../domain.ts';
import { readDecimal } from '../numbers.ts';
import { isPciModel, type PciModel } from './buses.ts';

/** A `<controller>` with the index it gets. */
export interface Controller {
  readonly device: DomainDevice;
  /** `pci`, `usb`, `scsi`, …; libvirt takes a missing one for ide. */
  readonly type: string;
  /** Written, or the next free one of its type. */
  readonly index: number;
}

/** A `<controller type='pci'>` of a model that is known. */
export interface PciController extends Controller {
  readonly model: PciModel;
}

/** Above this, libvirt finds no place for the buses in between. */
export const MAX_PCI_INDEX = 255;

/**
 * All controllers, those that say no index with the lowest one that no other of their type has. A written index that is
 * no number is none. (libvirt 9.0 to 12.8 src/conf/domain_postparse.c: virDomainAssignControllerIndexes; it runs before
 * the root controller is added, so the first PCI controller without index gets 0)
 */
export function controllersOf(domain: Domain): readonly Controller[] {
  const written = domain.devices
    .filter(({ kind }) => kind === 'controller')
    .map((device) => ({
      device,
      type: attributeOf(device.element, 'type') ?? 'ide',
      index: readDecimal(attributeOf(device.element, 'index') ?? ''),
    }));
  const used = new Set(written.map(({ type, index }) => `${type} ${index ?? ''}`));
  return written.map(({ device, type, index: given }) => {
    let index = given ?? 0;
    if (given === undefined) {
      while (used.has(`${type} ${index}`)) index++;
      used.add(`${type} ${index}`);
    }
    return { device, type, index };
  });
}

/** The PCI controllers among them, in the order libvirt keeps them: by index. */
export function pciControllersOf(controllers: readonly Controller[]): readonly PciController[] {
  return controllers
    .flatMap((controller) => {
      const model = attributeOf(controller.device.element, 'model');
      return controller.type === 'pci' && isPciModel(model) ? [{ ...controller, model }] : [];
    })
    .toSorted((left, right) => left.index - right.index);
}
