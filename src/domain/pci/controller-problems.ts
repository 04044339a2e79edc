import { attributeOf } from '../../xml/element.ts';
import type { DomainDevice } from '../domain.ts';
import { readDecimal } from '../numbers.ts';
import { isPciModel } from './buses.ts';
import { type Controller, MAX_PCI_INDEX } from './controllers.ts';
import type { PciMachine } from './machine.ts';
import type { PciProblem } from './problem.ts';

/** Those of libvirt 12.8. (src/conf/domain_conf.c: virDomainController) */
const CONTROLLER_TYPES: ReadonlySet<string> = new Set(
  'ide fdc scsi sata virtio-serial ccid usb pci xenbus isa nvme'.split(' '),
);

/** What can be wrong with controllers before any address is looked at; libvirt does not get further then. */
export function controllerProblems(
  machine: PciMachine,
  controllers: readonly Controller[],
): readonly PciProblem[] {
  const seen = new Set<string>();
  return controllers.flatMap(({ device, type, index }): readonly PciProblem[] => {
    const problem = (message: string): readonly PciProblem[] => [
      { kind: 'controller', device, message },
    ];
    const key = `${type} ${index}`;
    if (!CONTROLLER_TYPES.has(type)) {
      return problem(`Invalid value for attribute 'type' in element 'controller': '${type}'.`);
    }
    const written = attributeOf(device.element, 'index') ?? '0';
    if (readDecimal(written) === undefined) {
      const expected = /^\s*-[0-9]+$/.test(written) ? 'non-negative' : 'integer';
      return problem(
        `Invalid value for attribute 'index' in element 'controller': '${written}'. Expected ${expected} value`,
      );
    }
    // A USB 2 controller has companions with its index.
    if (type !== 'usb' && seen.has(key)) {
      return problem(`Multiple '${type}' controllers with index '${index}'`);
    }
    seen.add(key);
    if (type !== 'pci') return [];
    const message = pciControllerProblem(machine, device, index);
    return message === undefined ? [] : problem(message);
  });
}

function pciControllerProblem(
  { name, root, chipset, manyRoots }: PciMachine,
  { element, address }: DomainDevice,
  index: number,
): string | undefined {
  const model = attributeOf(element, 'model');
  if (root === undefined) return `Machine type '${name}' does not support PCI`;
  if (model !== undefined && !isPciModel(model)) return `Unknown model type '${model}'`;
  if (model === 'pci-root' || model === 'pcie-root') {
    if (index !== 0 && !(manyRoots && model === 'pci-root')) {
      return 'pci-root and pcie-root controllers should have index 0';
    }
    if (address !== undefined) {
      return 'pci-root and pcie-root controllers should not have an address';
    }
  }
  if (index === 0 && model !== root && !(manyRoots && model === undefined)) {
    return `The PCI controller with index='0' must be model='${root}' for this machine type, but model='${model ?? '(null)'}' was found instead`;
  }
  if (model === undefined && !manyRoots) return 'PCI controller model was not set correctly';
  if (model === 'pci-expander-bus' && chipset !== 'i440fx') {
    return 'pci-expander-bus controllers are only supported on 440fx-based machinetypes';
  }
  if (model === 'pcie-expander-bus' && root !== 'pcie-root') {
    return 'pcie-expander-bus controllers are not supported with this machine type';
  }
  return index > MAX_PCI_INDEX ? `there is no place for ${index} PCI controllers` : undefined;
}
