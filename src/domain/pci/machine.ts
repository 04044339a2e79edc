import type { Domain } from '../domain.ts';

/** What a machine type brings along for PCI. */
export interface PciMachine {
  /** As written, or libvirt's default. */
  readonly name: string;
  /** The controller with index 0, which is always there; undefined: the machine has no PCI. */
  readonly root: 'pci-root' | 'pcie-root' | undefined;
  /** Whose built-in devices hold addresses of bus 0. */
  readonly chipset?: 'q35' | 'i440fx' | undefined;
  /** True for pSeries: every further bus is another pci-root. */
  readonly manyRoots: boolean;
}

/** Domains of libvirt's QEMU driver; other drivers give out no PCI addresses, or by rules of their own. */
const QEMU_TYPES: ReadonlySet<string> = new Set(['kvm', 'qemu', 'hvf']);

/** Not written counts as QEMU's: what else is wrong is then found as well. */
export function isQemuDomain({ type }: Pick<Domain, 'type'>): boolean {
  return type === undefined || QEMU_TYPES.has(type);
}

interface MachineRule {
  readonly arch: RegExp;
  readonly machine: RegExp;
  readonly pci: Pick<PciMachine, 'root' | 'chipset'> & { readonly manyRoots?: boolean };
}

/** `-machine` of QEMU 7.2 to 11.1. (libvirt 9.0 to 12.8 src/qemu/qemu_domain.c: qemuDomainMachineIsQ35, …) */
const MACHINES: readonly MachineRule[] = [
  { arch: /^(?:x86_64|i686)$/, machine: /^(?:pc-)?q35(?:-|$)/, pci: express('q35') },
  {
    arch: /^(?:x86_64|i686)$/,
    machine: /^(?:pc|pc-[01]\..*|pc-i440fx-.*|rhel6\..*)$/,
    pci: { root: 'pci-root', chipset: 'i440fx' },
  },
  { arch: /^(?:x86_64|i686)$/, machine: /^(?:microvm|isapc)$/, pci: { root: undefined } },
  { arch: /^(?:aarch64|armv|riscv|loongarch64)/, machine: /^virt(?:-|$)/, pci: express() },
  {
    arch: /^ppc64(?:le)?$/,
    machine: /^pseries(?:-|$)/,
    pci: { root: 'pci-root', manyRoots: true },
  },
  { arch: /^s390x?$/, machine: /^s390-ccw-virtio(?:-|$)/, pci: { root: 'pci-root' } },
];

/** What libvirt takes when the domain says nothing, by architecture. */
const DEFAULTS: Readonly<Record<string, string>> = {
  x86_64: 'pc',
  i686: 'pc',
  ppc64: 'pseries',
  ppc64le: 'pseries',
  s390x: 's390-ccw-virtio',
};

/** Undefined for a machine that is not known here, or a domain that is not QEMU's. */
export function pciMachine(
  domain: Pick<Domain, 'type' | 'arch' | 'machine'>,
): PciMachine | undefined {
  if (!isQemuDomain(domain)) return undefined;
  const machine = domain.machine ?? DEFAULTS[domain.arch ?? ''];
  if (machine === undefined) return undefined;
  const found = MACHINES.find(
    (rule) =>
      rule.machine.test(machine) && (domain.arch === undefined || rule.arch.test(domain.arch)),
  );
  return found === undefined ? undefined : { name: machine, manyRoots: false, ...found.pci };
}

function express(chipset?: 'q35') {
  return { root: 'pcie-root', chipset } as const;
}
