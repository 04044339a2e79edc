import { NodedevError } from '../errors.ts';
import { attributeOf, childElement, childElements, textOf } from '../xml/element.ts';
import type { Domain, DomainDevice } from './domain.ts';
import { qemuDeviceArguments } from './qemu-arguments.ts';

/** What a VM is started with besides its domain. */
export interface VmOptions {
  /** The sockets of its devices, by uuid. */
  readonly sockets: ReadonlyMap<string, string>;
  /** Whether this machine can run it with KVM. */
  readonly kvm: boolean;
  /** Instead of those of the domain's `<os>`. */
  readonly kernel?: string | undefined;
  readonly initrd?: string | undefined;
  readonly append?: string | undefined;
}

/** The arguments of QEMU for a VM, and what of the domain is not in them. */
export interface VmArguments {
  readonly words: readonly string[];
  /** In words: `<disk>`, `<address> of <hostdev>`, … */
  readonly leftOut: readonly string[];
}

/** Bytes of libvirt's units (virScaleInteger). */
const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  KB: 1e3,
  k: 2 ** 10,
  KiB: 2 ** 10,
  MB: 1e6,
  M: 2 ** 20,
  MiB: 2 ** 20,
  GB: 1e9,
  G: 2 ** 30,
  GiB: 2 ** 30,
};

/** Nothing that is not asked for; the serial line at the standard streams. */
const BARE = '-nodefaults -no-user-config -display none -serial stdio'.split(' ');

const USED = new Set(['name', 'uuid', 'memory', 'currentMemory', 'vcpu', 'os', 'devices']);
/** They say something about the domain, and nothing to a VM. */
const SAID = new Set(['title', 'description', 'metadata']);
const USED_OF_OS = new Set(['type', 'kernel', 'initrd', 'cmdline']);

/**
 * A VM with the served devices of a domain, and only what it needs to boot a kernel: name, uuid, machine, memory, CPUs, and a serial
 * line at the standard streams. QEMU places the devices.
 *
 * @throws NodedevError `domain-invalid`: no name, no memory, or a machine that is no name
 */
export function vmArguments(domain: Domain, options: VmOptions): VmArguments {
  const { name, uuid, machine, hostdevs, element } = domain;
  if (name === undefined || name === '') throw invalid('it has no <name>');
  if (machine !== undefined && !/^[\w.-]+$/u.test(machine)) {
    throw invalid(`'${machine}' is no machine type`);
  }
  const os = childElement(element, 'os');
  const ofOs = (part: string): string | undefined => {
    const found = os && childElement(os, part);
    return found && textOf(found).trim();
  };
  const served = hostdevs.flatMap((one) => {
    const socket = one.mdev && options.sockets.get(one.mdev.uuid);
    return one.mdev === undefined || socket === undefined ? [] : [{ hostdev: one.mdev, socket }];
  });
  const accelerator = domain.type === 'kvm' && options.kvm ? 'kvm' : 'tcg';
  const words = [
    '-name',
    `guest=${name.replaceAll(',', ',,')}`,
    ...given('-uuid', uuid),
    ...given('-machine', machine),
    '-accel',
    accelerator,
    '-m',
    `${memoryOf(domain)}M`,
    '-smp',
    String(cpusOf(domain)),
    ...BARE,
    ...given('-kernel', options.kernel ?? ofOs('kernel')),
    ...given('-initrd', options.initrd ?? ofOs('initrd')),
    ...given('-append', options.append ?? ofOs('cmdline')),
    ...served.flatMap(({ hostdev, socket }, index) =>
      qemuDeviceArguments(
        { uuid: hostdev.uuid, model: 'vfio-pci', bootOrder: hostdev.bootOrder },
        { id: `hostdev${index}`, socket },
      ),
    ),
  ];
  return { words, leftOut: leftOutOf(domain, options, accelerator) };
}

function leftOutOf(
  { type, element, devices, hostdevs }: Domain,
  { sockets }: VmOptions,
  accelerator: string,
): readonly string[] {
  const served = new Set<DomainDevice>(
    hostdevs.filter(({ mdev }) => mdev !== undefined && sockets.has(mdev.uuid)),
  );
  const others = childElements(element).filter(({ name }) => !USED.has(name) && !SAID.has(name));
  const ofOs = childElements(element, 'os')
    .flatMap((os) => childElements(os))
    .filter(({ name }) => !USED_OF_OS.has(name));
  const ofServed = [...served]
    .flatMap((one) => childElements(one.element))
    .filter(({ name }) => name !== 'source' && name !== 'boot')
    .map(({ name }) => `<${name}> of <hostdev>`);
  return [
    ...new Set([
      ...(type === 'kvm' && accelerator !== 'kvm' ? ['KVM, which this machine does not have'] : []),
      ...others.map(({ name }) => `<${name}>`),
      ...ofOs.map(({ name }) => `<${name}> of <os>`),
      ...devices
        .filter((one) => !served.has(one) && one.kind !== 'emulator')
        .map(({ kind }) => `<${kind}>`),
      ...ofServed,
    ]),
  ];
}

/** The memory in MiB, rounded up. */
function memoryOf({ element }: Domain): number {
  const memory = childElement(element, 'memory');
  const unit = UNITS[(memory && attributeOf(memory, 'unit')) ?? 'KiB'];
  const count = /^\s*(\d{1,15})\s*$/u.exec(memory === undefined ? '' : textOf(memory))?.[1];
  if (unit === undefined || count === undefined) throw invalid('it has no <memory> that is a size');
  return Math.max(1, Math.ceil((Number(count) * unit) / 2 ** 20));
}

function cpusOf({ element }: Domain): number {
  const vcpu = childElement(element, 'vcpu');
  const count = Number(vcpu === undefined ? 1 : textOf(vcpu));
  if (!Number.isInteger(count) || count < 1) throw invalid('its <vcpu> is no number');
  return count;
}

const given = (option: string, value: string | undefined): readonly string[] =>
  value === undefined || value === '' ? [] : [option, value];

const invalid = (what: string): NodedevError =>
  new NodedevError('domain-invalid', `the domain cannot be started: ${what}`, {
    hint: 'correct it; `validate` says what else is wrong',
  });
