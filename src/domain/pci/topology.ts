import type { Domain } from '../domain.ts';
import type { GuestPciAddress } from '../hostdev.ts';
import { PciBuses } from './buses.ts';
import { controllerProblems } from './controller-problems.ts';
import { controllersOf, type PciController, pciControllersOf } from './controllers.ts';
import { type PciMachine, pciMachine } from './machine.ts';
import { place } from './place.ts';
import type { Holder, PciProblem } from './problem.ts';
import { sharedAddresses } from './written.ts';

/** Where a domain's PCI devices go. */
export interface PciTopology {
  readonly problems: readonly PciProblem[];
  /** The PCI controllers that are written, by the number of the bus they make. */
  readonly controllers: ReadonlyMap<number, PciController>;
}

const known = new WeakMap<Domain, PciTopology>();

/**
 * Completes a domain's PCI controllers as libvirt's QEMU driver does, then looks at every PCI address in it: indexes
 * that are not written, the root controller, gaps, buses up to the one that is named, built-in devices, and places for
 * the controllers themselves. Of a machine that is not known here only addresses given twice are found.
 * (libvirt 9.0 to 12.8 src/qemu/qemu_domain_address.c: qemuDomainAssignPCIAddresses; held against libvirt's own define
 * by test/libvirt)
 */
export function pciTopology(domain: Domain): PciTopology {
  const topology = known.get(domain) ?? complete(domain);
  known.set(domain, topology);
  return topology;
}

/**
 * A free address for one more host device: the first free port or slot, else the first one of a bus that libvirt adds.
 * Undefined where the domain's controllers are wrong, or nothing is known of its machine.
 */
export function freePciAddress(domain: Domain): GuestPciAddress | undefined {
  const { machine, buses } = complete(domain);
  const slot = buses?.next(machine?.root === 'pcie-root' ? 'pcie' : 'pci');
  return typeof slot === 'object' ? { kind: 'pci', domain: 0, ...slot } : undefined;
}

interface Completed extends PciTopology {
  readonly machine?: PciMachine;
  /** Undefined when they cannot be known. */
  readonly buses?: PciBuses<Holder>;
}

function complete(domain: Domain): Completed {
  const all = controllersOf(domain);
  const pci = pciControllersOf(all);
  const controllers = new Map(pci.map((controller) => [controller.index, controller]));
  const machine = pciMachine(domain);
  if (machine === undefined) return { problems: sharedAddresses(domain), controllers };
  const wrong = controllerProblems(machine, all);
  if (wrong.length > 0) return { problems: wrong, controllers };
  const models = new Map(pci.map(({ index, model }) => [index, model]));
  const buses = new PciBuses<Holder>(machine, models);
  const problems = place(machine, domain, all, pci, buses);
  return { problems, controllers, machine, buses };
}
